-- Security operations: assets, alerts, integrations, compliance evidence.

CREATE SCHEMA sec;

CREATE TYPE sec.asset_kind AS ENUM ('server', 'workstation', 'network', 'camera', 'cloud');
CREATE TYPE sec.asset_status AS ENUM ('pending', 'approved', 'retired');
CREATE TYPE sec.severity AS ENUM ('low', 'medium', 'high', 'critical');
CREATE TYPE sec.alert_status AS ENUM ('open', 'acknowledged', 'resolved');
CREATE TYPE sec.ticket_state AS ENUM ('open', 'in_progress', 'closed');
CREATE TYPE sec.destination_kind AS ENUM ('webhook', 'siem', 'ticketing');
CREATE TYPE sec.delivery_state AS ENUM ('queued', 'delivered', 'retrying', 'dead_letter');
CREATE TYPE sec.control_state AS ENUM ('not_started', 'in_progress', 'implemented', 'not_applicable');
CREATE TYPE sec.export_state AS ENUM ('queued', 'ready', 'failed', 'expired');

CREATE TABLE sec.assets (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  hostname text NOT NULL CHECK (hostname = lower(hostname)),
  label text,
  display_name text GENERATED ALWAYS AS (coalesce(label, hostname)) STORED,
  kind sec.asset_kind NOT NULL,
  status sec.asset_status NOT NULL DEFAULT 'pending',
  address inet,
  hardware_address macaddr,
  serial_number text,
  tags text[] NOT NULL DEFAULT '{}',
  attributes jsonb NOT NULL DEFAULT '{}',
  approved_by uuid REFERENCES core.users (id),
  approved_at timestamptz,
  last_seen_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  CHECK ((status = 'pending') = (approved_at IS NULL))
);
CREATE UNIQUE INDEX assets_hostname_live ON sec.assets (tenant_id, hostname)
  WHERE status <> 'retired';
CREATE INDEX assets_tags ON sec.assets USING gin (tags);
COMMENT ON TABLE sec.assets IS 'Machines and services under watch; owned by an org unit of the tenant.';

CREATE TABLE sec.enrollment_tokens (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  label text NOT NULL,
  token_hash core.sha256_digest NOT NULL,
  max_uses integer NOT NULL DEFAULT 1 CHECK (max_uses > 0),
  uses integer NOT NULL DEFAULT 0 CHECK (uses >= 0),
  created_by uuid NOT NULL REFERENCES core.users (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  UNIQUE (tenant_id, token_hash),
  CHECK (uses <= max_uses),
  CHECK (expires_at > created_at)
);
CREATE INDEX enrollment_tokens_token ON sec.enrollment_tokens (token_hash);
CREATE INDEX enrollment_tokens_expiry ON sec.enrollment_tokens (expires_at) WHERE revoked_at IS NULL;
COMMENT ON TABLE sec.enrollment_tokens IS 'Tokens that let an asset enrol, as hashes; owned by an org unit of the tenant.';

CREATE TABLE sec.integration_destinations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  name text NOT NULL,
  kind sec.destination_kind NOT NULL,
  url text NOT NULL CHECK (url ~ '^https://[^/@]+(/|$)'),
  event_types text[] NOT NULL CHECK (cardinality(event_types) > 0),
  is_enabled boolean NOT NULL DEFAULT true,
  created_by uuid REFERENCES core.users (id) ON DELETE SET NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,
  UNIQUE (tenant_id, id)
);
CREATE UNIQUE INDEX integration_destinations_name_live
  ON sec.integration_destinations (tenant_id, name) WHERE deleted_at IS NULL;
COMMENT ON TABLE sec.integration_destinations IS 'Where events are sent outside the platform; the tenant''s.';

CREATE TABLE sec.integration_credentials (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  destination_id uuid NOT NULL,
  encryption_key_id uuid NOT NULL REFERENCES core.encryption_keys (id) ON DELETE RESTRICT,
  kind text NOT NULL CHECK (kind IN ('hmac', 'bearer', 'basic')),
  secret_ciphertext bytea NOT NULL,
  secret_hint text NOT NULL CHECK (length(secret_hint) <= 4),
  version integer NOT NULL DEFAULT 1 CHECK (version > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz,
  FOREIGN KEY (tenant_id, destination_id)
    REFERENCES sec.integration_destinations (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX integration_credentials_one_live
  ON sec.integration_credentials (tenant_id, destination_id) WHERE retired_at IS NULL;
COMMENT ON TABLE sec.integration_credentials IS 'Sealed secrets of destinations, never echoed; the tenant''s.';

CREATE TABLE sec.alerts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  asset_id uuid,
  severity sec.severity NOT NULL,
  status sec.alert_status NOT NULL DEFAULT 'open',
  title text NOT NULL,
  source text NOT NULL,
  fingerprint text NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}',
  detected_at timestamptz NOT NULL,
  acknowledged_by uuid REFERENCES core.users (id),
  acknowledged_at timestamptz,
  assigned_to uuid REFERENCES core.users (id) ON DELETE SET NULL,
  resolved_at timestamptz,
  resolution_note text,
  created_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (tenant_id, asset_id) REFERENCES sec.assets (tenant_id, id)
    ON DELETE SET NULL (asset_id),
  CHECK ((acknowledged_by IS NULL) = (acknowledged_at IS NULL)),
  CHECK ((status = 'resolved') = (resolved_at IS NOT NULL))
);
CREATE UNIQUE INDEX alerts_fingerprint_live ON sec.alerts (tenant_id, fingerprint)
  WHERE status <> 'resolved';
CREATE INDEX alerts_queue ON sec.alerts (severity DESC, detected_at) WHERE status = 'open';
COMMENT ON TABLE sec.alerts IS 'Detections to be worked on; owned by an org unit of the tenant.';

CREATE TABLE sec.tickets (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  alert_id uuid NOT NULL REFERENCES sec.alerts (id) ON DELETE CASCADE,
  title text NOT NULL,
  state sec.ticket_state NOT NULL DEFAULT 'open',
  external_reference text,
  opened_by uuid NOT NULL REFERENCES core.users (id),
  opened_at timestamptz NOT NULL DEFAULT now(),
  closed_at timestamptz,
  CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX tickets_one_live_per_alert ON sec.tickets (tenant_id, alert_id)
  WHERE state <> 'closed';
COMMENT ON TABLE sec.tickets IS 'Work items opened from alerts, at most one live per alert; owned by an org unit of the tenant.';

CREATE TABLE sec.deliveries (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  destination_id uuid NOT NULL REFERENCES sec.integration_destinations (id) ON DELETE CASCADE,
  alert_id uuid REFERENCES sec.alerts (id) ON DELETE SET NULL,
  event_type text NOT NULL,
  payload jsonb NOT NULL,
  signature text,
  state sec.delivery_state NOT NULL DEFAULT 'queued',
  next_attempt_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  CHECK ((state IN ('delivered', 'dead_letter')) = (finished_at IS NOT NULL))
);
CREATE INDEX deliveries_due ON sec.deliveries (next_attempt_at)
  WHERE state IN ('queued', 'retrying');
COMMENT ON TABLE sec.deliveries IS 'Events to be delivered to a destination and how that went; the tenant''s.';

CREATE TABLE sec.delivery_attempts (
  delivery_id uuid NOT NULL REFERENCES sec.deliveries (id) ON DELETE CASCADE,
  attempt smallint NOT NULL CHECK (attempt > 0),
  started_at timestamptz NOT NULL,
  duration_ms integer NOT NULL CHECK (duration_ms >= 0),
  response_status smallint CHECK (response_status BETWEEN 100 AND 599),
  response_excerpt text CHECK (length(response_excerpt) <= 2000),
  error text,
  PRIMARY KEY (delivery_id, attempt),
  CHECK (response_status IS NOT NULL OR error IS NOT NULL)
);
COMMENT ON TABLE sec.delivery_attempts IS 'Single attempts of a delivery; the tenant''s, through the delivery.';

CREATE TABLE sec.frameworks (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  code text NOT NULL,
  edition text NOT NULL,
  title text NOT NULL,
  publisher text NOT NULL,
  published_on date NOT NULL,
  UNIQUE (code, edition)
);
COMMENT ON TABLE sec.frameworks IS 'Compliance frameworks that all tenants refer to; nobody''s.';

CREATE TABLE sec.controls (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  framework_id uuid NOT NULL REFERENCES sec.frameworks (id) ON DELETE CASCADE,
  parent_id uuid REFERENCES sec.controls (id) ON DELETE CASCADE,
  code text NOT NULL,
  title text NOT NULL,
  guidance text,
  UNIQUE (framework_id, code)
);
COMMENT ON TABLE sec.controls IS 'The controls of each framework, as a tree; nobody''s.';

CREATE TABLE sec.tenant_control_status (
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  control_id uuid NOT NULL REFERENCES sec.controls (id) ON DELETE RESTRICT,
  state sec.control_state NOT NULL DEFAULT 'not_started',
  owner_id uuid REFERENCES core.users (id) ON DELETE SET NULL,
  note text,
  reviewed_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (control_id, tenant_id)
);
COMMENT ON TABLE sec.tenant_control_status IS 'How far a tenant is with each control; the tenant''s.';

CREATE TABLE sec.evidence (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  control_id uuid REFERENCES sec.controls (id),
  asset_id uuid,
  title text NOT NULL,
  source text NOT NULL,
  storage_reference text NOT NULL,
  sha256 core.sha256_digest NOT NULL,
  byte_count bigint NOT NULL CHECK (byte_count > 0),
  excerpt text,
  collected_by uuid REFERENCES core.users (id),
  collected_at timestamptz NOT NULL DEFAULT now(),
  supersedes_id uuid REFERENCES sec.evidence (id),
  FOREIGN KEY (tenant_id, asset_id) REFERENCES sec.assets (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX evidence_control ON sec.evidence (control_id, collected_at DESC);
COMMENT ON TABLE sec.evidence IS 'Append-only proof that a control works, with its digest; the tenant''s.';

CREATE TABLE sec.exports (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  kind text NOT NULL CHECK (kind IN ('audit_csv', 'evidence_zip', 'tenant_archive')),
  state sec.export_state NOT NULL DEFAULT 'queued',
  filter jsonb NOT NULL DEFAULT '{}',
  row_count bigint CHECK (row_count >= 0),
  sha256 core.sha256_digest,
  storage_reference text,
  requested_by uuid NOT NULL REFERENCES core.users (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  CHECK (state <> 'ready' OR (sha256 IS NOT NULL AND storage_reference IS NOT NULL))
);
COMMENT ON TABLE sec.exports IS 'Files made for download, with digest and end of life; the tenant''s.';
