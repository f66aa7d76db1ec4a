-- Lists that staff of the platform read through functions, in orders that the reader chooses. Each
-- function picks the rows of one page in the order that is asked for and gives them in any: the
-- caller orders them again. Keys of cursors are texts, as those of all lists: a time in ISO 8601, or
-- a name in lower case. An order that is unknown is the newest first.

CREATE INDEX tenants_by_name ON core.tenants ((lower(name) COLLATE "C"), id)
  WHERE deleted_at IS NULL;
CREATE INDEX organization_requests_by_name
  ON core.organization_requests ((lower(organization_name) COLLATE "C"), id);
CREATE INDEX erasures_by_name ON core.erasures ((lower(subject_name) COLLATE "C"), id);
CREATE INDEX isolation_runs_finished
  ON ops.isolation_runs (finished_at DESC NULLS LAST, id DESC);

DROP FUNCTION core.tenant_directory(core.tenant_status, timestamptz, uuid, integer);
CREATE FUNCTION core.tenant_directory(
  wanted_status core.tenant_status DEFAULT NULL,
  wanted_order text DEFAULT '-createdAt',
  after_key text DEFAULT NULL,
  after_id uuid DEFAULT NULL,
  page_size integer DEFAULT 26)
RETURNS TABLE (id uuid, slug text, name text, status core.tenant_status, created_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  rows_at_most CONSTANT integer := least(greatest(page_size, 0), 101);
  page uuid[];
BEGIN
  IF (SELECT watertight.mode()) IS DISTINCT FROM 'platform' OR NOT EXISTS (
        SELECT FROM core.users s
        WHERE s.id = (SELECT watertight.user_id()) AND s.is_platform_staff
          AND s.status = 'active' AND s.deleted_at IS NULL) THEN
    RETURN;
  END IF;
  IF wanted_order = 'name' THEN
    page := ARRAY(
      SELECT t.id FROM core.tenants t
      WHERE t.deleted_at IS NULL AND (wanted_status IS NULL OR t.status = wanted_status)
        AND (after_id IS NULL OR ((lower(t.name) COLLATE "C"), t.id) > (after_key, after_id))
      ORDER BY (lower(t.name) COLLATE "C"), t.id LIMIT rows_at_most);
  ELSIF wanted_order = '-name' THEN
    page := ARRAY(
      SELECT t.id FROM core.tenants t
      WHERE t.deleted_at IS NULL AND (wanted_status IS NULL OR t.status = wanted_status)
        AND (after_id IS NULL OR ((lower(t.name) COLLATE "C"), t.id) < (after_key, after_id))
      ORDER BY (lower(t.name) COLLATE "C") DESC, t.id DESC LIMIT rows_at_most);
  ELSIF wanted_order = 'createdAt' THEN
    page := ARRAY(
      SELECT t.id FROM core.tenants t
      WHERE t.deleted_at IS NULL AND (wanted_status IS NULL OR t.status = wanted_status)
        AND (after_id IS NULL OR (t.created_at, t.id) > (after_key::timestamptz, after_id))
      ORDER BY t.created_at, t.id LIMIT rows_at_most);
  ELSE
    page := ARRAY(
      SELECT t.id FROM core.tenants t
      WHERE t.deleted_at IS NULL AND (wanted_status IS NULL OR t.status = wanted_status)
        AND (after_id IS NULL OR (t.created_at, t.id) < (after_key::timestamptz, after_id))
      ORDER BY t.created_at DESC, t.id DESC LIMIT rows_at_most);
  END IF;
  RETURN QUERY
    SELECT t.id, t.slug::text, t.name, t.status, t.created_at
    FROM core.tenants t
    WHERE t.id = ANY (page);
END
$$;
REVOKE ALL ON FUNCTION core.tenant_directory(
  core.tenant_status, text, text, uuid, integer) FROM PUBLIC;
COMMENT ON FUNCTION core.tenant_directory(
  core.tenant_status, text, text, uuid, integer) IS
  'A page of all tenants for platform staff, after a row in one of the orders of the list.';

DROP FUNCTION core.organization_requests_for_platform(core.request_status, timestamptz, uuid, integer);
CREATE FUNCTION core.organization_requests_for_platform(
  wanted_status core.request_status DEFAULT NULL,
  wanted_order text DEFAULT '-createdAt',
  after_key text DEFAULT NULL,
  after_id uuid DEFAULT NULL,
  page_size integer DEFAULT 26)
RETURNS TABLE (id uuid, requested_by uuid, requester_email text, organization_name text, slug text,
  message text, status core.request_status, decided_by uuid, decided_at timestamptz,
  decision_note text, created_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  rows_at_most CONSTANT integer := least(greatest(page_size, 0), 101);
  page uuid[];
BEGIN
  IF (SELECT watertight.mode()) IS DISTINCT FROM 'platform' OR NOT EXISTS (
        SELECT FROM core.users s
        WHERE s.id = (SELECT watertight.user_id()) AND s.is_platform_staff
          AND s.status = 'active' AND s.deleted_at IS NULL) THEN
    RETURN;
  END IF;
  IF wanted_order = 'organizationName' THEN
    page := ARRAY(
      SELECT r.id FROM core.organization_requests r
      WHERE (wanted_status IS NULL OR r.status = wanted_status)
        AND (after_id IS NULL OR ((lower(r.organization_name) COLLATE "C"), r.id) > (after_key, after_id))
      ORDER BY (lower(r.organization_name) COLLATE "C"), r.id LIMIT rows_at_most);
  ELSIF wanted_order = '-organizationName' THEN
    page := ARRAY(
      SELECT r.id FROM core.organization_requests r
      WHERE (wanted_status IS NULL OR r.status = wanted_status)
        AND (after_id IS NULL OR ((lower(r.organization_name) COLLATE "C"), r.id) < (after_key, after_id))
      ORDER BY (lower(r.organization_name) COLLATE "C") DESC, r.id DESC LIMIT rows_at_most);
  ELSIF wanted_order = 'createdAt' THEN
    page := ARRAY(
      SELECT r.id FROM core.organization_requests r
      WHERE (wanted_status IS NULL OR r.status = wanted_status)
        AND (after_id IS NULL OR (r.created_at, r.id) > (after_key::timestamptz, after_id))
      ORDER BY r.created_at, r.id LIMIT rows_at_most);
  ELSE
    page := ARRAY(
      SELECT r.id FROM core.organization_requests r
      WHERE (wanted_status IS NULL OR r.status = wanted_status)
        AND (after_id IS NULL OR (r.created_at, r.id) < (after_key::timestamptz, after_id))
      ORDER BY r.created_at DESC, r.id DESC LIMIT rows_at_most);
  END IF;
  RETURN QUERY
    SELECT r.id, r.requested_by, u.email::text, r.organization_name, r.slug::text, r.message,
      r.status, r.decided_by, r.decided_at, r.decision_note, r.created_at
    FROM core.organization_requests r
    JOIN core.users u ON u.id = r.requested_by
    WHERE r.id = ANY (page);
END
$$;
REVOKE ALL ON FUNCTION core.organization_requests_for_platform(
  core.request_status, text, text, uuid, integer) FROM PUBLIC;
COMMENT ON FUNCTION core.organization_requests_for_platform(
  core.request_status, text, text, uuid, integer) IS
  'A page of the requests for new tenants for platform staff, after a row in one of the orders of the list.';

DROP FUNCTION core.archive_requests_for_platform(core.request_status, timestamptz, uuid, integer);
CREATE FUNCTION core.archive_requests_for_platform(
  wanted_status core.request_status DEFAULT NULL,
  wanted_order text DEFAULT '-createdAt',
  after_key text DEFAULT NULL,
  after_id uuid DEFAULT NULL,
  page_size integer DEFAULT 26)
RETURNS TABLE (id uuid, tenant_id uuid, tenant_name text, reason text, requested_by uuid,
  requester_email text, status core.request_status, decided_by uuid, decided_at timestamptz,
  decision_note text, created_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  rows_at_most CONSTANT integer := least(greatest(page_size, 0), 101);
  page uuid[];
BEGIN
  IF (SELECT watertight.mode()) IS DISTINCT FROM 'platform' OR NOT EXISTS (
        SELECT FROM core.users s
        WHERE s.id = (SELECT watertight.user_id()) AND s.is_platform_staff
          AND s.status = 'active' AND s.deleted_at IS NULL) THEN
    RETURN;
  END IF;
  IF wanted_order = 'tenantName' THEN
    page := ARRAY(
      SELECT r.id FROM core.archive_requests r JOIN core.tenants t ON t.id = r.tenant_id
      WHERE (wanted_status IS NULL OR r.status = wanted_status)
        AND (after_id IS NULL OR ((lower(t.name) COLLATE "C"), r.id) > (after_key, after_id))
      ORDER BY (lower(t.name) COLLATE "C"), r.id LIMIT rows_at_most);
  ELSIF wanted_order = '-tenantName' THEN
    page := ARRAY(
      SELECT r.id FROM core.archive_requests r JOIN core.tenants t ON t.id = r.tenant_id
      WHERE (wanted_status IS NULL OR r.status = wanted_status)
        AND (after_id IS NULL OR ((lower(t.name) COLLATE "C"), r.id) < (after_key, after_id))
      ORDER BY (lower(t.name) COLLATE "C") DESC, r.id DESC LIMIT rows_at_most);
  ELSIF wanted_order = 'createdAt' THEN
    page := ARRAY(
      SELECT r.id FROM core.archive_requests r
      WHERE (wanted_status IS NULL OR r.status = wanted_status)
        AND (after_id IS NULL OR (r.created_at, r.id) > (after_key::timestamptz, after_id))
      ORDER BY r.created_at, r.id LIMIT rows_at_most);
  ELSE
    page := ARRAY(
      SELECT r.id FROM core.archive_requests r
      WHERE (wanted_status IS NULL OR r.status = wanted_status)
        AND (after_id IS NULL OR (r.created_at, r.id) < (after_key::timestamptz, after_id))
      ORDER BY r.created_at DESC, r.id DESC LIMIT rows_at_most);
  END IF;
  RETURN QUERY
    SELECT r.id, r.tenant_id, t.name, r.reason, r.requested_by, u.email::text, r.status,
      r.decided_by, r.decided_at, r.decision_note, r.created_at
    FROM core.archive_requests r
    JOIN core.tenants t ON t.id = r.tenant_id
    JOIN core.users u ON u.id = r.requested_by
    WHERE r.id = ANY (page);
END
$$;
REVOKE ALL ON FUNCTION core.archive_requests_for_platform(
  core.request_status, text, text, uuid, integer) FROM PUBLIC;
COMMENT ON FUNCTION core.archive_requests_for_platform(
  core.request_status, text, text, uuid, integer) IS
  'A page of the requests of tenants to be archived for platform staff, after a row in one of the orders of the list.';

DROP FUNCTION core.erasures_for_platform(core.erasure_status, uuid, timestamptz, uuid, integer);
CREATE FUNCTION core.erasures_for_platform(
  wanted_status core.erasure_status DEFAULT NULL,
  wanted_id uuid DEFAULT NULL,
  wanted_order text DEFAULT '-requestedAt',
  after_key text DEFAULT NULL,
  after_id uuid DEFAULT NULL,
  page_size integer DEFAULT 26)
RETURNS TABLE (id uuid, subject_id uuid, subject_name text, subject_slug text, reason text,
  export_taken boolean, requested_by uuid, requested_at timestamptz, status core.erasure_status,
  decided_by uuid, decided_at timestamptz, decision_note text, due_at timestamptz,
  attempts integer, failure text, finished_at timestamptz, proof text, proof_sha256 bytea)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  rows_at_most CONSTANT integer := least(greatest(page_size, 0), 101);
  page uuid[];
BEGIN
  IF (SELECT watertight.mode()) IS DISTINCT FROM 'platform' OR NOT EXISTS (
        SELECT FROM core.users s
        WHERE s.id = (SELECT watertight.user_id()) AND s.is_platform_staff
          AND s.status = 'active' AND s.deleted_at IS NULL) THEN
    RETURN;
  END IF;
  IF wanted_order = 'subjectName' THEN
    page := ARRAY(
      SELECT e.id FROM core.erasures e
      WHERE (wanted_status IS NULL OR e.status = wanted_status)
        AND (wanted_id IS NULL OR e.id = wanted_id)
        AND (after_id IS NULL OR ((lower(e.subject_name) COLLATE "C"), e.id) > (after_key, after_id))
      ORDER BY (lower(e.subject_name) COLLATE "C"), e.id LIMIT rows_at_most);
  ELSIF wanted_order = '-subjectName' THEN
    page := ARRAY(
      SELECT e.id FROM core.erasures e
      WHERE (wanted_status IS NULL OR e.status = wanted_status)
        AND (wanted_id IS NULL OR e.id = wanted_id)
        AND (after_id IS NULL OR ((lower(e.subject_name) COLLATE "C"), e.id) < (after_key, after_id))
      ORDER BY (lower(e.subject_name) COLLATE "C") DESC, e.id DESC LIMIT rows_at_most);
  ELSIF wanted_order = 'requestedAt' THEN
    page := ARRAY(
      SELECT e.id FROM core.erasures e
      WHERE (wanted_status IS NULL OR e.status = wanted_status)
        AND (wanted_id IS NULL OR e.id = wanted_id)
        AND (after_id IS NULL OR (e.requested_at, e.id) > (after_key::timestamptz, after_id))
      ORDER BY e.requested_at, e.id LIMIT rows_at_most);
  ELSE
    page := ARRAY(
      SELECT e.id FROM core.erasures e
      WHERE (wanted_status IS NULL OR e.status = wanted_status)
        AND (wanted_id IS NULL OR e.id = wanted_id)
        AND (after_id IS NULL OR (e.requested_at, e.id) < (after_key::timestamptz, after_id))
      ORDER BY e.requested_at DESC, e.id DESC LIMIT rows_at_most);
  END IF;
  RETURN QUERY
    SELECT e.id, e.subject_id, e.subject_name, e.subject_slug, e.reason, e.export_taken,
      e.requested_by, e.requested_at, e.status, e.decided_by, e.decided_at, e.decision_note,
      e.due_at, e.attempts, e.failure, e.finished_at, e.proof, e.proof_sha256::bytea
    FROM core.erasures e
    WHERE e.id = ANY (page);
END
$$;
REVOKE ALL ON FUNCTION core.erasures_for_platform(
  core.erasure_status, uuid, text, text, uuid, integer) FROM PUBLIC;
COMMENT ON FUNCTION core.erasures_for_platform(
  core.erasure_status, uuid, text, text, uuid, integer) IS
  'A page of the erasures of tenants with their proofs for platform staff, after a row in one of the orders of the list.';
