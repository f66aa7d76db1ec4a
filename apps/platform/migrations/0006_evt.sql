-- Events, ticket sales and the door. Every table is inside an org unit.

CREATE SCHEMA evt;

CREATE TYPE evt.event_status AS ENUM ('draft', 'published', 'cancelled', 'completed');
CREATE TYPE evt.registration_state AS ENUM ('pending', 'confirmed', 'cancelled');
CREATE TYPE evt.waitlist_state AS ENUM ('waiting', 'offered', 'accepted', 'withdrawn');

CREATE TABLE evt.events (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  slug core.slug NOT NULL,
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
  summary text NOT NULL DEFAULT '',
  description text NOT NULL DEFAULT '',
  status evt.event_status NOT NULL DEFAULT 'draft',
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  duration interval GENERATED ALWAYS AS (ends_at - starts_at) STORED,
  time_zone text NOT NULL DEFAULT 'Europe/Berlin',
  venue text,
  city text,
  country character(2) CHECK (country ~ '^[A-Z]{2}$'),
  categories text[] NOT NULL DEFAULT '{}',
  capacity integer NOT NULL CHECK (capacity > 0),
  cover_file_id uuid,
  contact_email core.email_address,
  internal_note text,
  created_by uuid NOT NULL REFERENCES core.users (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  published_at timestamptz,
  cancelled_at timestamptz,
  deleted_at timestamptz,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, cover_file_id) REFERENCES media.files (tenant_id, id)
    ON DELETE SET NULL (cover_file_id),
  CHECK (ends_at > starts_at),
  CHECK (status <> 'published' OR published_at IS NOT NULL),
  CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL))
);
CREATE UNIQUE INDEX events_slug_live ON evt.events (tenant_id, slug) WHERE deleted_at IS NULL;
CREATE INDEX events_listing ON evt.events (starts_at, id)
  WHERE status = 'published' AND deleted_at IS NULL;
CREATE INDEX events_categories ON evt.events USING gin (categories);
COMMENT ON TABLE evt.events IS 'Events, published ones with a public page; owned by an org unit of the tenant.';

CREATE TABLE evt.ticket_types (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  event_id uuid NOT NULL,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  price_cents bigint NOT NULL DEFAULT 0 CHECK (price_cents >= 0),
  currency character(3) NOT NULL DEFAULT 'EUR' CHECK (currency ~ '^[A-Z]{3}$'),
  quantity integer NOT NULL CHECK (quantity > 0),
  sold integer NOT NULL DEFAULT 0 CHECK (sold >= 0),
  is_sold_out boolean GENERATED ALWAYS AS (sold >= quantity) STORED,
  sales_from timestamptz,
  sales_until timestamptz,
  is_hidden boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  archived_at timestamptz,
  FOREIGN KEY (tenant_id, event_id) REFERENCES evt.events (tenant_id, id) ON DELETE CASCADE,
  CHECK (sold <= quantity),
  CHECK (sales_until > sales_from)
);
CREATE UNIQUE INDEX ticket_types_name_live ON evt.ticket_types (tenant_id, event_id, name)
  WHERE archived_at IS NULL;
COMMENT ON TABLE evt.ticket_types IS 'What can be bought for an event, public with it unless hidden; owned by an org unit of the tenant.';

CREATE TABLE evt.registrations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  event_id uuid NOT NULL REFERENCES evt.events (id) ON DELETE CASCADE,
  ticket_type_id uuid NOT NULL REFERENCES evt.ticket_types (id) ON DELETE RESTRICT,
  user_id uuid REFERENCES core.users (id) ON DELETE SET NULL,
  attendee_name text NOT NULL,
  attendee_email core.email_address NOT NULL,
  state evt.registration_state NOT NULL DEFAULT 'pending',
  code text NOT NULL CHECK (code ~ '^[A-Z0-9]{8}$'),
  answers jsonb NOT NULL DEFAULT '{}',
  registered_at timestamptz NOT NULL DEFAULT now(),
  cancelled_at timestamptz,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, code),
  CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL))
);
CREATE UNIQUE INDEX registrations_one_live
  ON evt.registrations (tenant_id, event_id, attendee_email)
  WHERE state <> 'cancelled';
CREATE INDEX registrations_user ON evt.registrations (user_id) WHERE user_id IS NOT NULL;
COMMENT ON TABLE evt.registrations IS 'Who comes to an event on which ticket; owned by an org unit of the tenant.';

CREATE TABLE evt.check_ins (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  registration_id uuid NOT NULL,
  checked_in_at timestamptz NOT NULL DEFAULT now(),
  checked_in_by uuid REFERENCES core.users (id) ON DELETE SET NULL,
  gate text,
  revoked_at timestamptz,
  FOREIGN KEY (tenant_id, registration_id) REFERENCES evt.registrations (tenant_id, id)
    ON DELETE CASCADE
);
CREATE UNIQUE INDEX check_ins_one_live ON evt.check_ins (tenant_id, registration_id) WHERE revoked_at IS NULL;
COMMENT ON TABLE evt.check_ins IS 'Arrivals at the door, at most one live per registration; owned by an org unit of the tenant.';

CREATE TABLE evt.waitlist_entries (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  event_id uuid NOT NULL REFERENCES evt.events (id) ON DELETE CASCADE,
  ticket_type_id uuid REFERENCES evt.ticket_types (id) ON DELETE SET NULL,
  user_id uuid REFERENCES core.users (id) ON DELETE SET NULL,
  name text NOT NULL,
  email core.email_address NOT NULL,
  state evt.waitlist_state NOT NULL DEFAULT 'waiting',
  joined_at timestamptz NOT NULL DEFAULT now(),
  offered_until timestamptz,
  CHECK (state <> 'offered' OR offered_until IS NOT NULL)
);
CREATE UNIQUE INDEX waitlist_entries_one_live
  ON evt.waitlist_entries (tenant_id, event_id, email)
  WHERE state IN ('waiting', 'offered');
COMMENT ON TABLE evt.waitlist_entries IS 'Who waits for a place, in order of joining; owned by an org unit of the tenant.';
