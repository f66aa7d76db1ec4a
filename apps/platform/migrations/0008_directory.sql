-- Look-ups before a tenant is known, and what platform staff see of all tenants. Each function is one
-- question with one bounded answer; the model declares it (`disclosures` in src/tenancy.ts), and the
-- isolation layer gives it an owner that can read the columns it discloses and nothing else, and
-- EXECUTE to the roles declared there. Until then nobody but who runs the migrations may call one.
--
-- Every function asks the verified context first, so without a signed context it answers nothing:
--   mode public, nobody known yet:   user_of_identity, api_key_of, invitation_of
--   mode member, tenantId null:      own_tenants, own_access_grants, invitation_of
--   mode platform, tenantId null:    own_access_grants, tenant_directory, organization_requests_for_platform,
--                                    decide_organization_request (staff only)
--   mode worker, tenantId null:      tenants_with_work

-- The kernel (schema watertight) comes after the migrations; PL/pgSQL resolves names when it runs.

CREATE FUNCTION core.user_of_identity(wanted_issuer text, wanted_subject text)
RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (
    SELECT u.id FROM core.users u
    WHERE (SELECT watertight.mode()) = 'public'
      AND u.issuer = wanted_issuer AND u.subject = wanted_subject
      AND u.status = 'active' AND u.deleted_at IS NULL);
END
$$;
REVOKE ALL ON FUNCTION core.user_of_identity(text, text) FROM PUBLIC;
COMMENT ON FUNCTION core.user_of_identity(text, text) IS
  'The active user of exactly this identity, null when there is none.';

CREATE FUNCTION core.own_tenants()
RETURNS TABLE (id uuid, slug text, name text, status core.tenant_status, role core.membership_role)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT t.id, t.slug::text, t.name, t.status, m.role
    FROM core.memberships m
    JOIN core.tenants t ON t.id = m.tenant_id
    JOIN core.users u ON u.id = m.user_id
    WHERE (SELECT watertight.mode()) = 'member' AND m.user_id = (SELECT watertight.user_id())
      AND m.status = 'active' AND t.deleted_at IS NULL
      AND u.status = 'active' AND u.deleted_at IS NULL
    ORDER BY t.name, t.id;
END
$$;
REVOKE ALL ON FUNCTION core.own_tenants() FROM PUBLIC;
COMMENT ON FUNCTION core.own_tenants() IS
  'The tenants that the user of the context is an active member of, and as what.';

CREATE FUNCTION core.own_access_grants()
RETURNS TABLE (id uuid, tenant_id uuid, slug text, name text, mode core.grant_mode,
  can_write boolean, starts_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT g.id, g.tenant_id, t.slug::text, t.name, g.mode, g.can_write, g.starts_at, g.expires_at
    FROM core.access_grants g
    JOIN core.tenants t ON t.id = g.tenant_id
    JOIN core.users u ON u.id = g.grantee_id
    WHERE (SELECT watertight.mode()) IN ('member', 'platform')
      AND g.grantee_id = (SELECT watertight.user_id())
      AND g.revoked_at IS NULL AND g.expires_at > clock_timestamp()
      AND t.status = 'active' AND t.deleted_at IS NULL
      AND u.status = 'active' AND u.deleted_at IS NULL
    ORDER BY g.expires_at, g.id;
END
$$;
REVOKE ALL ON FUNCTION core.own_access_grants() FROM PUBLIC;
COMMENT ON FUNCTION core.own_access_grants() IS
  'The access grants of the user of the context that have not ended, those to come included.';

-- SECURITY: a prefix is unique within a tenant only. Who learns a hash here and can write keys of
-- another tenant could copy it there; a hash that two tenants hold opens neither.
CREATE FUNCTION core.api_key_of(wanted_prefix text)
RETURNS TABLE (id uuid, tenant_id uuid, key_hash bytea, scopes text[], created_by uuid)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT k.id, k.tenant_id, k.key_hash::bytea, k.scopes, k.created_by
    FROM core.api_keys k
    JOIN core.tenants t ON t.id = k.tenant_id
    WHERE (SELECT watertight.mode()) = 'public' AND k.prefix = wanted_prefix
      AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
      AND t.status = 'active' AND t.deleted_at IS NULL
      AND NOT EXISTS (
        SELECT FROM core.api_keys other
        WHERE other.prefix = k.prefix AND other.key_hash = k.key_hash
          AND other.tenant_id <> k.tenant_id);
END
$$;
REVOKE ALL ON FUNCTION core.api_key_of(text) FROM PUBLIC;
COMMENT ON FUNCTION core.api_key_of(text) IS
  'The live keys of exactly this prefix, with the hash that the presented key has to have.';

CREATE FUNCTION core.invitation_of(wanted_hash bytea)
RETURNS TABLE (id uuid, tenant_id uuid, tenant_name text, email text, role core.membership_role,
  org_unit_id uuid, expires_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT i.id, i.tenant_id, t.name, i.email::text, i.role, i.org_unit_id, i.expires_at
    FROM core.invitations i
    JOIN core.tenants t ON t.id = i.tenant_id
    WHERE (SELECT watertight.mode()) IN ('public', 'member') AND i.token_hash = wanted_hash
      AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > clock_timestamp()
      AND t.status = 'active' AND t.deleted_at IS NULL
      AND NOT EXISTS (
        SELECT FROM core.invitations other
        WHERE other.token_hash = i.token_hash AND other.id <> i.id);
END
$$;
REVOKE ALL ON FUNCTION core.invitation_of(bytea) FROM PUBLIC;
COMMENT ON FUNCTION core.invitation_of(bytea) IS
  'The open invitation that has exactly this token hash.';

CREATE FUNCTION core.tenant_directory(
  wanted_status core.tenant_status DEFAULT NULL,
  before_created timestamptz DEFAULT NULL,
  before_id uuid DEFAULT NULL,
  page_size integer DEFAULT 26)
RETURNS TABLE (id uuid, slug text, name text, status core.tenant_status, created_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT t.id, t.slug::text, t.name, t.status, t.created_at
    FROM core.tenants t
    WHERE (SELECT watertight.mode()) = 'platform'
      AND EXISTS (
        SELECT FROM core.users s
        WHERE s.id = (SELECT watertight.user_id()) AND s.is_platform_staff
          AND s.status = 'active' AND s.deleted_at IS NULL)
      AND t.deleted_at IS NULL
      AND (wanted_status IS NULL OR t.status = wanted_status)
      AND (before_created IS NULL OR (t.created_at, t.id) < (before_created, before_id))
    ORDER BY t.created_at DESC, t.id DESC
    LIMIT least(greatest(page_size, 0), 101);
END
$$;
REVOKE ALL ON FUNCTION core.tenant_directory(core.tenant_status, timestamptz, uuid, integer)
  FROM PUBLIC;
COMMENT ON FUNCTION core.tenant_directory(core.tenant_status, timestamptz, uuid, integer) IS
  'All tenants for platform staff, the newest first; the page after a row starts before it.';

CREATE FUNCTION core.organization_requests_for_platform(
  wanted_status core.request_status DEFAULT NULL,
  before_created timestamptz DEFAULT NULL,
  before_id uuid DEFAULT NULL,
  page_size integer DEFAULT 26)
RETURNS TABLE (id uuid, requested_by uuid, requester_email text, organization_name text, slug text,
  message text, status core.request_status, decided_by uuid, decided_at timestamptz,
  decision_note text, created_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT r.id, r.requested_by, u.email::text, r.organization_name, r.slug::text, r.message,
      r.status, r.decided_by, r.decided_at, r.decision_note, r.created_at
    FROM core.organization_requests r
    JOIN core.users u ON u.id = r.requested_by
    WHERE (SELECT watertight.mode()) = 'platform'
      AND EXISTS (
        SELECT FROM core.users s
        WHERE s.id = (SELECT watertight.user_id()) AND s.is_platform_staff
          AND s.status = 'active' AND s.deleted_at IS NULL)
      AND (wanted_status IS NULL OR r.status = wanted_status)
      AND (before_created IS NULL OR (r.created_at, r.id) < (before_created, before_id))
    ORDER BY r.created_at DESC, r.id DESC
    LIMIT least(greatest(page_size, 0), 101);
END
$$;
REVOKE ALL ON FUNCTION core.organization_requests_for_platform(
  core.request_status, timestamptz, uuid, integer) FROM PUBLIC;
COMMENT ON FUNCTION core.organization_requests_for_platform(
  core.request_status, timestamptz, uuid, integer) IS
  'Requests for new tenants for platform staff, the newest first.';

CREATE FUNCTION core.decide_organization_request(
  request_id uuid,
  decision core.request_status,
  note text DEFAULT NULL)
RETURNS TABLE (id uuid, requested_by uuid, organization_name text, slug text,
  status core.request_status)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    UPDATE core.organization_requests AS r
    SET status = decision, decided_by = (SELECT watertight.user_id()),
      decided_at = clock_timestamp(), decision_note = note
    WHERE r.id = request_id AND r.status = 'pending' AND decision IN ('approved', 'rejected')
      AND (SELECT watertight.mode()) = 'platform'
      AND r.requested_by <> (SELECT watertight.user_id())
      AND EXISTS (
        SELECT FROM core.users s
        WHERE s.id = (SELECT watertight.user_id()) AND s.is_platform_staff
          AND s.status = 'active' AND s.deleted_at IS NULL)
    RETURNING r.id, r.requested_by, r.organization_name, r.slug::text, r.status;
END
$$;
REVOKE ALL ON FUNCTION core.decide_organization_request(uuid, core.request_status, text) FROM PUBLIC;
COMMENT ON FUNCTION core.decide_organization_request(uuid, core.request_status, text) IS
  'Approves or rejects a pending request of somebody else, as platform staff; no row when there is none.';

-- A request starts undecided: whoever may insert their own must not decide it with the insert.
CREATE FUNCTION core.refuse_decided_request() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT pg_has_role(current_user, (SELECT c.relowner FROM pg_class c WHERE c.oid = TG_RELID), 'MEMBER') THEN
    RAISE EXCEPTION USING errcode = '42501', message = 'a request starts undecided';
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION core.refuse_decided_request() FROM PUBLIC;
CREATE TRIGGER organization_requests_undecided BEFORE INSERT ON core.organization_requests
  FOR EACH ROW WHEN (NEW.status <> 'pending' OR NEW.decided_by IS NOT NULL)
  EXECUTE FUNCTION core.refuse_decided_request();

-- Tells workers where to look, and nothing of what is there: the work itself is done in a
-- transaction of the tenant, which looks again.
CREATE FUNCTION ops.tenants_with_work(queue text, page_size integer DEFAULT 100)
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
        AND (o.locked_until IS NULL OR o.locked_until <= clock_timestamp())
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
      SELECT r.tenant_id, r.registered_at
      FROM evt.registrations r
      WHERE queue = 'reservations' AND r.state = 'pending'
        AND r.registered_at <= clock_timestamp() - interval '15 minutes'
      UNION ALL
      SELECT e.tenant_id, e.offered_until
      FROM evt.waitlist_entries e
      WHERE queue = 'waitlist' AND e.state = 'offered' AND e.offered_until <= clock_timestamp()
      UNION ALL
      SELECT e.tenant_id, e.joined_at
      FROM evt.waitlist_entries e
      WHERE queue = 'waitlist' AND e.state = 'waiting'
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
REVOKE ALL ON FUNCTION ops.tenants_with_work(text, integer) FROM PUBLIC;
COMMENT ON FUNCTION ops.tenants_with_work(text, integer) IS
  'Active tenants with work that is due in a queue (outbox, deliveries, exports, reservations, waitlist), the longest due first.';

CREATE INDEX exports_queued ON sec.exports (created_at) WHERE state = 'queued';
CREATE INDEX registrations_pending ON evt.registrations (registered_at) WHERE state = 'pending';
CREATE INDEX waitlist_entries_open ON evt.waitlist_entries (state, joined_at)
  WHERE state IN ('waiting', 'offered');
