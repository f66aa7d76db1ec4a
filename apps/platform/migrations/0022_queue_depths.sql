-- How much is due in each queue over all tenants, for the figures of the workers: counts and ages, no
-- tenant among them. What is due is what ops.tenants_with_work finds.

CREATE FUNCTION ops.queue_depths()
RETURNS TABLE (queue text, depth bigint, oldest_seconds double precision)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT w.queue_name, count(*),
      greatest(extract(epoch FROM clock_timestamp() - min(w.due_at))::double precision, 0)
    FROM (
      SELECT 'outbox' AS queue_name, o.tenant_id AS owner_id, o.available_at AS due_at
      FROM ops.outbox o
      WHERE o.published_at IS NULL AND o.available_at <= clock_timestamp()
      UNION ALL
      SELECT 'deliveries', d.tenant_id, coalesce(d.next_attempt_at, d.created_at)
      FROM sec.deliveries d
      WHERE d.state IN ('queued', 'retrying')
        AND (d.next_attempt_at IS NULL OR d.next_attempt_at <= clock_timestamp())
      UNION ALL
      SELECT 'exports', x.tenant_id, x.created_at
      FROM sec.exports x
      WHERE x.state = 'queued'
      UNION ALL
      SELECT 'exports', x.tenant_id, x.expires_at
      FROM sec.exports x
      WHERE x.state = 'ready' AND x.expires_at <= clock_timestamp()
      UNION ALL
      SELECT 'reservations', r.tenant_id, r.reserved_until
      FROM evt.registrations r
      WHERE r.state = 'pending' AND r.reserved_until <= clock_timestamp()
      UNION ALL
      SELECT 'waitlist', e.tenant_id, e.joined_at
      FROM evt.waitlist_entries e
      JOIN evt.events v ON v.id = e.event_id AND v.tenant_id = e.tenant_id
      WHERE e.state = 'waiting' AND v.status = 'published'
        AND v.deleted_at IS NULL AND v.ends_at > clock_timestamp() AND v.places_taken < v.capacity
        AND EXISTS (
          SELECT FROM evt.ticket_types k
          WHERE k.tenant_id = e.tenant_id AND k.event_id = e.event_id AND k.sold < k.quantity
            AND k.archived_at IS NULL
            AND (e.ticket_type_id IS NULL OR k.id = e.ticket_type_id))
      UNION ALL
      SELECT 'mail', n.tenant_id, n.due_at
      FROM notify.notification_logs n
      WHERE n.status = 'queued' AND n.due_at <= clock_timestamp()
    ) w
    JOIN core.tenants t ON t.id = w.owner_id
    WHERE (SELECT watertight.mode()) = 'worker'
      AND t.status = 'active' AND t.deleted_at IS NULL
    GROUP BY w.queue_name;
END
$$;
REVOKE ALL ON FUNCTION ops.queue_depths() FROM PUBLIC;
COMMENT ON FUNCTION ops.queue_depths() IS
  'How much is due in each queue over all active tenants, and for how long the oldest of it is.';
