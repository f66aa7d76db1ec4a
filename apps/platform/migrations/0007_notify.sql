-- Messages to people: templates, what was sent, who wants what.

CREATE SCHEMA notify;

CREATE TYPE notify.channel AS ENUM ('email', 'sms', 'push', 'in_app');
CREATE TYPE notify.delivery_status AS ENUM ('queued', 'sent', 'bounced', 'suppressed');

CREATE TABLE notify.system_templates (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  key text NOT NULL CHECK (key ~ '^[a-z_]+(\.[a-z_]+)+$'),
  channel notify.channel NOT NULL,
  locale text NOT NULL DEFAULT 'en',
  subject text,
  body text NOT NULL,
  variables text[] NOT NULL DEFAULT '{}',
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (key, channel, locale)
);
COMMENT ON TABLE notify.system_templates IS 'Default texts of all messages; the platform''s, readable by all.';

CREATE TABLE notify.templates (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  system_template_id uuid NOT NULL REFERENCES notify.system_templates (id) ON DELETE RESTRICT,
  subject text,
  body text NOT NULL,
  version integer NOT NULL DEFAULT 1 CHECK (version > 0),
  updated_by uuid REFERENCES core.users (id) ON DELETE SET NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  archived_at timestamptz,
  UNIQUE (tenant_id, id)
);
CREATE UNIQUE INDEX templates_one_live ON notify.templates (system_template_id, tenant_id)
  WHERE archived_at IS NULL;
COMMENT ON TABLE notify.templates IS 'Texts a tenant uses in place of the defaults; the tenant''s.';

CREATE TABLE notify.notification_logs (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  template_id uuid,
  system_template_id uuid REFERENCES notify.system_templates (id) ON DELETE SET NULL,
  recipient_id uuid REFERENCES core.users (id) ON DELETE SET NULL,
  recipient_address text NOT NULL,
  channel notify.channel NOT NULL,
  status notify.delivery_status NOT NULL DEFAULT 'queued',
  subject text,
  body text,
  provider_message_id text,
  error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, template_id) REFERENCES notify.templates (tenant_id, id)
    ON DELETE SET NULL (template_id),
  CHECK (status <> 'sent' OR sent_at IS NOT NULL)
) PARTITION BY HASH (tenant_id);
CREATE TABLE notify.notification_logs_0 PARTITION OF notify.notification_logs
  FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE notify.notification_logs_1 PARTITION OF notify.notification_logs
  FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE notify.notification_logs_2 PARTITION OF notify.notification_logs
  FOR VALUES WITH (MODULUS 3, REMAINDER 2);
CREATE INDEX notification_logs_recipient ON notify.notification_logs (recipient_id, created_at DESC);
COMMENT ON TABLE notify.notification_logs IS 'Every message sent, with recipient and outcome; the tenant''s.';
COMMENT ON TABLE notify.notification_logs_0 IS 'First third of the message log by hash of the tenant; each row its tenant''s.';
COMMENT ON TABLE notify.notification_logs_1 IS 'Second third of the message log by hash of the tenant; each row its tenant''s.';
COMMENT ON TABLE notify.notification_logs_2 IS 'Last third of the message log by hash of the tenant; each row its tenant''s.';

CREATE TABLE notify.preferences (
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  topic text NOT NULL,
  channel notify.channel NOT NULL,
  is_enabled boolean NOT NULL DEFAULT true,
  quiet_hours int4range CHECK (quiet_hours <@ int4range(0, 24)),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, tenant_id, topic, channel),
  FOREIGN KEY (tenant_id) REFERENCES core.tenants (id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES core.memberships (tenant_id, user_id)
    ON DELETE CASCADE
);
COMMENT ON TABLE notify.preferences IS 'What a member wants to be told and how; owned by the user, inside the tenant.';
