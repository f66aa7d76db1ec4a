-- Staff of the platform who asked for access to a tenant, let somebody in, or decided on its archiving,
-- without ever having been in it themselves: the tenant is told that they are staff, and not their name.
-- And who approved an erasure that somebody else stopped is named to staff as well.

CREATE OR REPLACE FUNCTION core.names_of_outsiders(wanted uuid[])
RETURNS TABLE (id uuid, display_name text, is_platform_staff boolean, is_auditor boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_tenant uuid := (SELECT watertight.tenant_id());
BEGIN
  IF (SELECT watertight.mode()) IS DISTINCT FROM 'member' OR v_tenant IS NULL
    OR cardinality(wanted) > 50
  THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT o.id, CASE WHEN o.is_named THEN o.display_name END, o.is_platform_staff,
      EXISTS (
        SELECT FROM core.access_grants g
        WHERE g.tenant_id = v_tenant AND g.grantee_id = o.id AND g.mode = 'auditor')
    FROM (
      SELECT u.id, u.display_name, u.is_platform_staff,
        EXISTS (
          SELECT FROM core.access_grants g
          WHERE g.tenant_id = v_tenant AND g.grantee_id = u.id)
        OR EXISTS (
          SELECT FROM ops.audit_log a
          WHERE a.tenant_id = v_tenant AND a.actor_id = u.id) AS is_named
      FROM core.users u
      WHERE u.id = ANY (wanted)
        -- Members are named where members are listed, to who sees them there.
        AND NOT EXISTS (
          SELECT FROM core.memberships m WHERE m.tenant_id = v_tenant AND m.user_id = u.id)) o
    -- SECURITY: whom a member asks to let in as an auditor is an id that the member typed. Were it
    -- among these, a tenant could ask of any id whether it is one of the staff.
    WHERE o.is_named OR (o.is_platform_staff AND (
      EXISTS (
        SELECT FROM core.access_grants g
        WHERE g.tenant_id = v_tenant AND o.id IN (g.requested_by, g.approved_by, g.revoked_by))
      OR EXISTS (
        SELECT FROM core.access_grant_requests r
        WHERE r.tenant_id = v_tenant AND o.id IN (r.requested_by, r.decided_by))
      OR EXISTS (
        SELECT FROM core.archive_requests r
        WHERE r.tenant_id = v_tenant AND o.id IN (r.requested_by, r.decided_by))));
END
$$;
COMMENT ON FUNCTION core.names_of_outsiders(uuid[]) IS
  'The names of those people of up to 50 ids who hold or held a grant on the tenant of the context, or acted on it, and are no members of it; and, without a name, staff who asked for or decided on its grants or its archiving.';

CREATE OR REPLACE FUNCTION core.names_of_staff(wanted uuid[])
RETURNS TABLE (id uuid, display_name text, is_platform_staff boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF (SELECT watertight.mode()) IS DISTINCT FROM 'platform' OR cardinality(wanted) > 50
    OR NOT EXISTS (
      SELECT FROM core.users s
      WHERE s.id = (SELECT watertight.user_id()) AND s.is_platform_staff
        AND s.status = 'active' AND s.deleted_at IS NULL)
  THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT u.id, u.display_name, u.is_platform_staff
    FROM core.users u
    WHERE u.id = ANY (wanted)
      AND (EXISTS (
          SELECT FROM core.erasures e
          WHERE u.id IN (e.requested_by, e.approved_by, e.decided_by))
        OR EXISTS (
          SELECT FROM core.archive_requests r WHERE u.id IN (r.requested_by, r.decided_by)));
END
$$;
