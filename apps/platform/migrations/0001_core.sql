-- Tenants, identity, org units and everything that says who may act for whom.

CREATE SCHEMA core;

CREATE DOMAIN core.slug AS text
  CHECK (VALUE ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(VALUE) <= 63);
CREATE DOMAIN core.email_address AS text
  CHECK (VALUE = lower(VALUE) AND VALUE ~ '^[^@\s]+@[^@\s]+\.[^@\s]+$' AND length(VALUE) <= 254);
CREATE DOMAIN core.sha256_digest AS bytea
  CHECK (octet_length(VALUE) = 32);

CREATE TYPE core.tenant_status AS ENUM ('active', 'suspended', 'archived');
CREATE TYPE core.user_status AS ENUM ('active', 'disabled');
CREATE TYPE core.membership_role AS ENUM ('tenant_admin', 'org_manager', 'member');
CREATE TYPE core.membership_status AS ENUM ('active', 'suspended', 'revoked');
CREATE TYPE core.org_scope AS ENUM ('unit', 'subtree');
CREATE TYPE core.grant_mode AS ENUM ('auditor', 'platform');
CREATE TYPE core.request_status AS ENUM ('pending', 'approved', 'rejected');
CREATE TYPE core.key_purpose AS ENUM ('evidence', 'credentials', 'exports');
CREATE TYPE core.key_state AS ENUM ('active', 'decrypt_only', 'destroyed');

CREATE TABLE core.tenants (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  slug core.slug NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  status core.tenant_status NOT NULL DEFAULT 'active',
  has_public_page boolean NOT NULL DEFAULT false,
  region text NOT NULL DEFAULT 'eu-central' CHECK (region ~ '^[a-z]{2}-[a-z]+$'),
  settings jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
  billing_email core.email_address,
  created_at timestamptz NOT NULL DEFAULT now(),
  suspended_at timestamptz,
  deleted_at timestamptz,
  CHECK ((status = 'suspended') = (suspended_at IS NOT NULL))
);
CREATE UNIQUE INDEX tenants_slug_live ON core.tenants (slug) WHERE deleted_at IS NULL;
COMMENT ON TABLE core.tenants IS 'One row per customer organisation; the row belongs to the tenant it names.';

CREATE TABLE core.users (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  issuer text NOT NULL,
  subject text NOT NULL,
  email core.email_address NOT NULL,
  display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 200),
  locale text NOT NULL DEFAULT 'en' CHECK (locale ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  status core.user_status NOT NULL DEFAULT 'active',
  is_platform_staff boolean NOT NULL DEFAULT false,
  phone text,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz,
  deleted_at timestamptz,
  UNIQUE (issuer, subject)
);
CREATE UNIQUE INDEX users_email_live ON core.users (email) WHERE deleted_at IS NULL;
COMMENT ON TABLE core.users IS 'One row per person across all tenants; seen by the person and by those who share a membership.';

CREATE TABLE core.memberships (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  user_id uuid NOT NULL REFERENCES core.users (id) ON DELETE CASCADE,
  role core.membership_role NOT NULL,
  status core.membership_status NOT NULL DEFAULT 'active',
  job_title text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  UNIQUE (tenant_id, user_id),
  CHECK ((status = 'revoked') = (revoked_at IS NOT NULL))
);
CREATE INDEX memberships_user ON core.memberships (user_id) WHERE status = 'active';
COMMENT ON TABLE core.memberships IS 'Which user belongs to which tenant and as what; the tenant''s.';

CREATE TABLE core.org_units (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  parent_id uuid,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  slug core.slug NOT NULL,
  is_hidden_root boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  archived_at timestamptz,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, parent_id) REFERENCES core.org_units (tenant_id, id) ON DELETE RESTRICT,
  CHECK (is_hidden_root = (parent_id IS NULL)),
  CHECK (parent_id <> id),
  CHECK (NOT (is_hidden_root AND archived_at IS NOT NULL))
);
CREATE UNIQUE INDEX org_units_one_root ON core.org_units (tenant_id) WHERE parent_id IS NULL;
CREATE UNIQUE INDEX org_units_slug_live ON core.org_units (tenant_id, parent_id, slug)
  WHERE archived_at IS NULL;
CREATE INDEX org_units_parent ON core.org_units (parent_id);
COMMENT ON TABLE core.org_units IS 'The tree of subdivisions inside a tenant, with one hidden root each; the tenant''s.';

CREATE TABLE core.org_memberships (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  user_id uuid NOT NULL,
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id) ON DELETE CASCADE,
  scope core.org_scope NOT NULL DEFAULT 'unit',
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, user_id, org_unit_id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES core.memberships (tenant_id, user_id) ON DELETE CASCADE
);
CREATE INDEX org_memberships_unit ON core.org_memberships (org_unit_id);
COMMENT ON TABLE core.org_memberships IS 'Which org units, alone or with all below, a member works in; the tenant''s.';

CREATE TABLE core.access_grants (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  grantee_id uuid NOT NULL REFERENCES core.users (id),
  mode core.grant_mode NOT NULL,
  reason text NOT NULL CHECK (length(btrim(reason)) > 0),
  requested_by uuid REFERENCES core.users (id),
  approved_by uuid NOT NULL REFERENCES core.users (id),
  can_write boolean NOT NULL DEFAULT false,
  starts_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  revoked_by uuid REFERENCES core.users (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK (expires_at > starts_at),
  CHECK (mode = 'platform' OR NOT can_write),
  CHECK (approved_by <> grantee_id)
);
CREATE INDEX access_grants_grantee ON core.access_grants (grantee_id, expires_at)
  WHERE revoked_at IS NULL;
COMMENT ON TABLE core.access_grants IS 'Time-boxed access of an auditor or of platform staff: who, why, until when; shown to the tenant concerned.';

CREATE TABLE core.api_keys (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  name text NOT NULL,
  prefix text NOT NULL CHECK (prefix ~ '^wt_[a-z0-9]{8}$'),
  key_hash core.sha256_digest NOT NULL,
  scopes text[] NOT NULL DEFAULT '{}' CHECK (array_position(scopes, NULL) IS NULL),
  created_by uuid NOT NULL REFERENCES core.users (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz,
  UNIQUE (tenant_id, prefix)
);
CREATE INDEX api_keys_prefix ON core.api_keys (prefix);
CREATE UNIQUE INDEX api_keys_name_live ON core.api_keys (tenant_id, name) WHERE revoked_at IS NULL;
COMMENT ON TABLE core.api_keys IS 'Machine credentials as a lookup prefix and a hash, never the key; the tenant''s.';

CREATE TABLE core.organization_requests (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  requested_by uuid NOT NULL REFERENCES core.users (id) ON DELETE CASCADE,
  organization_name text NOT NULL CHECK (length(organization_name) BETWEEN 1 AND 200),
  slug core.slug NOT NULL,
  message text,
  status core.request_status NOT NULL DEFAULT 'pending',
  decided_by uuid REFERENCES core.users (id),
  decided_at timestamptz,
  decision_note text,
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((status = 'pending') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX organization_requests_one_pending ON core.organization_requests (requested_by)
  WHERE status = 'pending';
COMMENT ON TABLE core.organization_requests IS 'Requests for a new tenant before one exists; the requester''s and the platform''s.';

CREATE TABLE core.invitations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid,
  email core.email_address NOT NULL,
  role core.membership_role NOT NULL DEFAULT 'member',
  token_hash core.sha256_digest NOT NULL,
  invited_by uuid NOT NULL REFERENCES core.users (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  revoked_at timestamptz,
  UNIQUE (tenant_id, token_hash),
  FOREIGN KEY (tenant_id, org_unit_id) REFERENCES core.org_units (tenant_id, id)
    ON DELETE SET NULL (org_unit_id),
  CHECK (expires_at > created_at),
  CHECK (accepted_at IS NULL OR revoked_at IS NULL)
);
CREATE INDEX invitations_token ON core.invitations (token_hash);
CREATE UNIQUE INDEX invitations_one_open ON core.invitations (tenant_id, email)
  WHERE accepted_at IS NULL AND revoked_at IS NULL;
COMMENT ON TABLE core.invitations IS 'Open and used invitations, token as a hash only; the tenant''s.';

CREATE TABLE core.encryption_keys (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  purpose core.key_purpose NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  state core.key_state NOT NULL DEFAULT 'active',
  provider text NOT NULL CHECK (provider IN ('local', 'aws-kms', 'gcp-kms', 'vault')),
  key_reference text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz,
  UNIQUE (tenant_id, purpose, version),
  UNIQUE (tenant_id, id)
);
CREATE UNIQUE INDEX encryption_keys_one_active ON core.encryption_keys (tenant_id, purpose)
  WHERE state = 'active';
COMMENT ON TABLE core.encryption_keys IS 'References to key material held elsewhere, by purpose and version; the tenant''s.';
