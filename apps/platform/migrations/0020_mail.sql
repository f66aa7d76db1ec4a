-- Messages that are to be mailed: when, and how often it was tried. Those from before were never due.

ALTER TABLE notify.notification_logs
  ADD COLUMN attempts smallint NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  ADD COLUMN due_at timestamptz;
COMMENT ON COLUMN notify.notification_logs.due_at IS
  'When a queued message is mailed; while an attempt is under way, when another worker may take it for abandoned.';
CREATE INDEX notification_logs_due ON notify.notification_logs (tenant_id, due_at)
  WHERE status = 'queued' AND due_at IS NOT NULL;

-- As in 0014, and with what is to be mailed.
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
      UNION ALL
      SELECT n.tenant_id, n.due_at
      FROM notify.notification_logs n
      WHERE queue = 'mail' AND n.status = 'queued' AND n.due_at <= clock_timestamp()
    ) w
    JOIN core.tenants t ON t.id = w.tenant_id
    WHERE (SELECT watertight.mode()) = 'worker'
      AND t.status = 'active' AND t.deleted_at IS NULL
    GROUP BY w.tenant_id
    ORDER BY min(w.due_at), w.tenant_id
    LIMIT least(greatest(page_size, 0), 1000);
END
$$;

COMMENT ON FUNCTION ops.tenants_with_work(text, integer) IS
  'Active tenants with work that is due in a queue (outbox, deliveries, exports, reservations, waitlist, mail), the longest due first.';
