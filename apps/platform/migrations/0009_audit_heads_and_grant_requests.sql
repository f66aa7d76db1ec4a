-- The end of each tenant's audit chain, and requests for access that a second person decides.

CREATE TABLE ops.audit_heads (
  tenant_id uuid PRIMARY KEY REFERENCES core.tenants (id),
  chain_position bigint NOT NULL CHECK (chain_position > 0),
  previous_hash core.sha256_digest,
  entry_hash core.sha256_digest NOT NULL,
  CHECK ((chain_position = 1) = (previous_hash IS NULL))
);
COMMENT ON TABLE ops.audit_heads IS 'Position and hash of the last audit entry; whoever appends holds the row, so that the chain cannot fork; the tenant''s.';

CREATE TYPE core.grant_request_status AS ENUM ('pending', 'approved', 'rejected');

CREATE TABLE core.access_grant_requests (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  grantee_id uuid NOT NULL REFERENCES core.users (id),
  mode core.grant_mode NOT NULL,
  can_write boolean NOT NULL DEFAULT false,
  reason text NOT NULL CHECK (length(btrim(reason)) > 0 AND length(reason) <= 1000),
  starts_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  requested_by uuid NOT NULL REFERENCES core.users (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  status core.grant_request_status NOT NULL DEFAULT 'pending',
  decided_by uuid REFERENCES core.users (id),
  decided_at timestamptz,
  decision_note text CHECK (length(decision_note) <= 1000),
  access_grant_id uuid REFERENCES core.access_grants (id),
  CHECK (expires_at > starts_at AND expires_at <= starts_at + interval '30 days'),
  CHECK (NOT can_write OR mode = 'platform'),
  CHECK (NOT can_write OR expires_at <= starts_at + interval '8 hours'),
  CHECK ((status = 'pending') = (decided_by IS NULL)),
  CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
  CHECK (decided_by <> requested_by AND decided_by <> grantee_id),
  CHECK ((status = 'approved') = (access_grant_id IS NOT NULL))
);
CREATE INDEX access_grant_requests_newest
  ON core.access_grant_requests (tenant_id, created_at DESC, id DESC);
COMMENT ON TABLE core.access_grant_requests IS 'Who asked for time-boxed access to the tenant, why, and what a second person decided; the tenant''s.';
