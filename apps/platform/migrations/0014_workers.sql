-- What the workers keep of their work: which message a delivery carries, how often it was tried, why
-- an attempt failed, how large an export is and whose view it is.

ALTER TABLE sec.deliveries
  ADD COLUMN position bigint GENERATED ALWAYS AS IDENTITY,
  ADD COLUMN message_id uuid,
  ADD COLUMN occurred_at timestamptz,
  ADD COLUMN attempts smallint NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  ADD COLUMN attempt_limit smallint NOT NULL DEFAULT 8 CHECK (attempt_limit > 0);
CREATE UNIQUE INDEX deliveries_one_per_message
  ON sec.deliveries (tenant_id, destination_id, message_id) WHERE message_id IS NOT NULL;
COMMENT ON COLUMN sec.deliveries.message_id IS
  'The message of the outbox, which may be gone by now: what receivers know a repeated delivery by.';
COMMENT ON COLUMN sec.deliveries.next_attempt_at IS
  'When it is due; while an attempt is under way, when another worker may take it for abandoned.';

ALTER TABLE sec.delivery_attempts ADD COLUMN error_class text CHECK (error_class ~ '^[a-z_]{1,40}$');

ALTER TABLE sec.exports DROP CONSTRAINT exports_kind_check;
ALTER TABLE sec.exports
  ADD COLUMN org_unit_id uuid REFERENCES core.org_units (id),
  ADD COLUMN org_scope core.org_scope,
  ADD COLUMN byte_count bigint CHECK (byte_count >= 0),
  ADD COLUMN finished_at timestamptz,
  ADD COLUMN error text CHECK (length(error) <= 200),
  ADD CONSTRAINT exports_kind_check CHECK (
    kind IN ('evidence_zip', 'tenant_archive')
    OR kind ~ '^(audit|assets|alerts|registrations|evidence)_(csv|jsonl)$'),
  ADD CONSTRAINT exports_scope_check CHECK ((org_unit_id IS NULL) = (org_scope IS NULL));
COMMENT ON COLUMN sec.exports.org_unit_id IS
  'The place that the export is of, by org_scope alone or with all below; null for the whole tenant.';

CREATE INDEX outbox_due_of_tenant ON ops.outbox (tenant_id, position) WHERE published_at IS NULL;
CREATE INDEX deliveries_due_of_tenant ON sec.deliveries (tenant_id, next_attempt_at, position)
  WHERE state IN ('queued', 'retrying');
