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
  ADD COLUMN attempts smallint NOT NULL DEFAULT 0 CHECK (attempts >= 0),
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

-- As in 0008, and with what 0013 and this file added: a reservation has a time of its own, only an
-- event that takes place has seats to offer, and exports end.
CREATE OR REPLACE FUNCTION ops.tenants_with_work(queue text, page_size integer DEFAULT 100)
RETURNS TABLE (tenant_id uuid)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT w.tenant_id
    FROM (
      SELECT o.tenant_id, o.available_at AS due_at
      FROM ops.outbox o
      WHERE queue = 'outbox' AND o.published_at IS NULL AND o.available_at <= clock_timestamp()
      UNION ALL
      SELECT d.tenant_id, coalesce(d.next_attempt_at, d.created_at)
      FROM sec.deliveries d
      WHERE queue = 'deliveries' AND d.state IN ('queued', 'retrying')
        AND (d.next_attempt_at IS NULL OR d.next_attempt_at <= clock_timestamp())
      UNION ALL
      SELECT x.tenant_id, x.created_at
      FROM sec.exports x
      WHERE queue = 'exports' AND x.state = 'queued'
      UNION ALL
      SELECT x.tenant_id, x.expires_at
      FROM sec.exports x
      WHERE queue = 'exports' AND x.state = 'ready' AND x.expires_at <= clock_timestamp()
      UNION ALL
      SELECT r.tenant_id, r.reserved_until
      FROM evt.registrations r
      WHERE queue = 'reservations' AND r.state = 'pending' AND r.reserved_until <= clock_timestamp()
      UNION ALL
      SELECT e.tenant_id, e.joined_at
      FROM evt.waitlist_entries e
      JOIN evt.events v ON v.id = e.event_id AND v.tenant_id = e.tenant_id
      WHERE queue = 'waitlist' AND e.state = 'waiting' AND v.status = 'published'
        AND v.deleted_at IS NULL AND v.ends_at > clock_timestamp() AND v.places_taken < v.capacity
        AND EXISTS (
          SELECT FROM evt.ticket_types k
          WHERE k.tenant_id = e.tenant_id AND k.event_id = e.event_id AND k.sold < k.quantity
            AND k.archived_at IS NULL
            AND (e.ticket_type_id IS NULL OR k.id = e.ticket_type_id))
    ) w
    JOIN core.tenants t ON t.id = w.tenant_id
    WHERE (SELECT watertight.mode()) = 'worker'
      AND t.status = 'active' AND t.deleted_at IS NULL
    GROUP BY w.tenant_id
    ORDER BY min(w.due_at), w.tenant_id
    LIMIT least(greatest(page_size, 0), 1000);
END
$$;

CREATE INDEX exports_ready ON sec.exports (expires_at) WHERE state = 'ready';
