-- Ending a tenant: archived by platform staff or at its own request, erased after two of staff agree.
-- The rows are deleted by ops.erase_tenant alone, which runs as the role of the disclosures and may be
-- called by the eraser alone: a login of its own that has no right on any table. What is left of an
-- erased tenant is its row in core.erasures.

ALTER TABLE core.tenants
  ADD COLUMN archived_at timestamptz,
  ADD COLUMN archive_reason text CHECK (length(archive_reason) BETWEEN 1 AND 1000),
  ADD CHECK ((status = 'archived') = (archived_at IS NOT NULL)),
  ADD CHECK ((archived_at IS NULL) = (archive_reason IS NULL));

CREATE TABLE core.archive_requests (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  reason text NOT NULL CHECK (length(btrim(reason)) > 0 AND length(reason) <= 1000),
  requested_by uuid NOT NULL REFERENCES core.users (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  status core.request_status NOT NULL DEFAULT 'pending',
  decided_by uuid REFERENCES core.users (id),
  decided_at timestamptz,
  decision_note text CHECK (length(decision_note) <= 1000),
  CHECK ((status = 'pending') = (decided_by IS NULL)),
  CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
  CHECK (decided_by <> requested_by)
);
CREATE UNIQUE INDEX archive_requests_one_pending ON core.archive_requests (tenant_id)
  WHERE status = 'pending';
CREATE INDEX archive_requests_newest
  ON core.archive_requests (tenant_id, created_at DESC, id DESC);
CREATE INDEX archive_requests_of_all ON core.archive_requests (created_at DESC, id DESC);
COMMENT ON TABLE core.archive_requests IS 'An administrator asks that the tenant be archived, and platform staff decide; the tenant''s.';

CREATE TYPE core.erasure_status AS ENUM ('pending', 'approved', 'rejected', 'halted', 'erased');

-- Not named tenant_id, and no foreign key: these rows outlive the tenant that they are about.
CREATE TABLE core.erasures (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  subject_id uuid NOT NULL,
  subject_name text NOT NULL,
  subject_slug text NOT NULL,
  reason text NOT NULL CHECK (length(btrim(reason)) > 0 AND length(reason) <= 1000),
  -- Whether the tenant has its data; asked before anything else.
  export_taken boolean NOT NULL,
  requested_by uuid NOT NULL REFERENCES core.users (id),
  requested_at timestamptz NOT NULL DEFAULT now(),
  status core.erasure_status NOT NULL DEFAULT 'pending',
  decided_by uuid REFERENCES core.users (id),
  decided_at timestamptz,
  decision_note text CHECK (length(decision_note) <= 1000),
  -- An approved erasure can be taken back until then.
  due_at timestamptz,
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  -- Why it was halted, or why the last attempt came to nothing.
  failure text CHECK (failure ~ '^[A-Z0-9_]{1,40}$'),
  finished_at timestamptz,
  -- What was deleted, as JSON; its digest is of these very bytes.
  proof text,
  proof_sha256 core.sha256_digest,
  CHECK ((status = 'pending') = (decided_by IS NULL)),
  CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
  CHECK (decided_by <> requested_by OR status = 'rejected'),
  CHECK (status NOT IN ('approved', 'erased') OR due_at IS NOT NULL),
  CHECK ((status = 'erased') = (proof IS NOT NULL)),
  CHECK ((proof IS NULL) = (proof_sha256 IS NULL)),
  CHECK (proof_sha256 = sha256(convert_to(proof, 'UTF8')))
);
CREATE UNIQUE INDEX erasures_one_open ON core.erasures (subject_id)
  WHERE status IN ('pending', 'approved');
CREATE INDEX erasures_newest ON core.erasures (requested_at DESC, id DESC);
CREATE INDEX erasures_due ON core.erasures (due_at) WHERE status = 'approved';
CREATE INDEX erasures_requested_by ON core.erasures (requested_by);
CREATE INDEX erasures_decided_by ON core.erasures (decided_by);
COMMENT ON TABLE core.erasures IS 'Who wanted a tenant erased, who agreed, and the proof of it; the platform''s, for staff alone, through functions.';

-- A proof stays as it is, whoever owns the table.
CREATE FUNCTION core.keep_proof() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION USING errcode = '23001', message = 'the proof of an erasure cannot be changed';
END
$$;
REVOKE ALL ON FUNCTION core.keep_proof() FROM PUBLIC;
CREATE TRIGGER erasures_stand BEFORE UPDATE OR DELETE ON core.erasures
  FOR EACH ROW WHEN (OLD.status = 'erased') EXECUTE FUNCTION core.keep_proof();

CREATE FUNCTION core.archive_requests_for_platform(
  wanted_status core.request_status DEFAULT NULL,
  before_created timestamptz DEFAULT NULL,
  before_id uuid DEFAULT NULL,
  page_size integer DEFAULT 26)
RETURNS TABLE (id uuid, tenant_id uuid, tenant_name text, reason text, requested_by uuid,
  requester_email text, status core.request_status, decided_by uuid, decided_at timestamptz,
  decision_note text, created_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT r.id, r.tenant_id, t.name, r.reason, r.requested_by, u.email::text, r.status,
      r.decided_by, r.decided_at, r.decision_note, r.created_at
    FROM core.archive_requests r
    JOIN core.tenants t ON t.id = r.tenant_id
    JOIN core.users u ON u.id = r.requested_by
    WHERE (SELECT watertight.mode()) = 'platform' AND EXISTS (
        SELECT FROM core.users s
        WHERE s.id = (SELECT watertight.user_id()) AND s.is_platform_staff
          AND s.status = 'active' AND s.deleted_at IS NULL)
      AND (wanted_status IS NULL OR r.status = wanted_status)
      AND (before_created IS NULL OR (r.created_at, r.id) < (before_created, before_id))
    ORDER BY r.created_at DESC, r.id DESC
    LIMIT least(greatest(page_size, 0), 101);
END
$$;
REVOKE ALL ON FUNCTION core.archive_requests_for_platform(
  core.request_status, timestamptz, uuid, integer) FROM PUBLIC;
COMMENT ON FUNCTION core.archive_requests_for_platform(
  core.request_status, timestamptz, uuid, integer) IS
  'Requests of tenants to be archived for platform staff, the newest first.';

CREATE FUNCTION core.erasures_for_platform(
  wanted_status core.erasure_status DEFAULT NULL,
  wanted_id uuid DEFAULT NULL,
  before_requested timestamptz DEFAULT NULL,
  before_id uuid DEFAULT NULL,
  page_size integer DEFAULT 26)
RETURNS TABLE (id uuid, subject_id uuid, subject_name text, subject_slug text, reason text,
  export_taken boolean, requested_by uuid, requested_at timestamptz, status core.erasure_status,
  decided_by uuid, decided_at timestamptz, decision_note text, due_at timestamptz,
  attempts integer, failure text, finished_at timestamptz, proof text, proof_sha256 bytea)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT e.id, e.subject_id, e.subject_name, e.subject_slug, e.reason, e.export_taken,
      e.requested_by, e.requested_at, e.status, e.decided_by, e.decided_at, e.decision_note,
      e.due_at, e.attempts, e.failure, e.finished_at, e.proof, e.proof_sha256::bytea
    FROM core.erasures e
    WHERE (SELECT watertight.mode()) = 'platform' AND EXISTS (
        SELECT FROM core.users s
        WHERE s.id = (SELECT watertight.user_id()) AND s.is_platform_staff
          AND s.status = 'active' AND s.deleted_at IS NULL)
      AND (wanted_status IS NULL OR e.status = wanted_status)
      AND (wanted_id IS NULL OR e.id = wanted_id)
      AND (before_requested IS NULL OR (e.requested_at, e.id) < (before_requested, before_id))
    ORDER BY e.requested_at DESC, e.id DESC
    LIMIT least(greatest(page_size, 0), 101);
END
$$;
REVOKE ALL ON FUNCTION core.erasures_for_platform(
  core.erasure_status, uuid, timestamptz, uuid, integer) FROM PUBLIC;
COMMENT ON FUNCTION core.erasures_for_platform(
  core.erasure_status, uuid, timestamptz, uuid, integer) IS
  'Erasures of tenants with their proofs for platform staff, the newest first.';

CREATE FUNCTION core.request_erasure(
  wanted_tenant uuid, typed_name text, why text, has_export boolean)
RETURNS TABLE (outcome text, erasure_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  known_name text;
  known_slug text;
  known_status core.tenant_status;
  made uuid;
BEGIN
  IF (SELECT watertight.mode()) IS DISTINCT FROM 'platform' OR NOT EXISTS (
        SELECT FROM core.users s
        WHERE s.id = (SELECT watertight.user_id()) AND s.is_platform_staff
          AND s.status = 'active' AND s.deleted_at IS NULL) THEN
    RETURN;
  END IF;
  SELECT t.name, t.slug::text, t.status INTO known_name, known_slug, known_status
    FROM core.tenants t WHERE t.id = wanted_tenant AND t.deleted_at IS NULL;
  IF known_name IS NULL THEN
    RETURN QUERY SELECT 'unknown', made;
  ELSIF known_status <> 'archived' THEN
    RETURN QUERY SELECT 'not_archived', made;
  ELSIF EXISTS (
    SELECT FROM core.legal_holds h
    WHERE h.tenant_id = wanted_tenant AND h.released_at IS NULL) THEN
    RETURN QUERY SELECT 'held', made;
  ELSIF typed_name IS DISTINCT FROM known_name THEN
    RETURN QUERY SELECT 'name_differs', made;
  ELSE
    INSERT INTO core.erasures
      (subject_id, subject_name, subject_slug, reason, export_taken, requested_by)
    VALUES (wanted_tenant, known_name, known_slug, why, has_export, (SELECT watertight.user_id()))
    ON CONFLICT (subject_id) WHERE status IN ('pending', 'approved') DO NOTHING
    RETURNING erasures.id INTO made;
    RETURN QUERY SELECT CASE WHEN made IS NULL THEN 'open' ELSE 'requested' END, made;
  END IF;
END
$$;
REVOKE ALL ON FUNCTION core.request_erasure(uuid, text, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION core.request_erasure(uuid, text, text, boolean) IS
  'Asks, as platform staff, that an archived tenant be erased; what came of it.';

CREATE FUNCTION core.decide_erasure(
  wanted_id uuid, is_approved boolean, typed_name text, note text)
RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_subject uuid;
  known_name text;
  known_status core.erasure_status;
  asked_by uuid;
BEGIN
  IF (SELECT watertight.mode()) IS DISTINCT FROM 'platform' OR NOT EXISTS (
        SELECT FROM core.users s
        WHERE s.id = (SELECT watertight.user_id()) AND s.is_platform_staff
          AND s.status = 'active' AND s.deleted_at IS NULL) THEN
    RETURN;
  END IF;
  SELECT e.subject_id, e.subject_name, e.status, e.requested_by
    INTO v_subject, known_name, known_status, asked_by
    FROM core.erasures e WHERE e.id = wanted_id;
  IF v_subject IS NULL THEN
    RETURN QUERY SELECT 'unknown';
  ELSIF NOT is_approved THEN
    -- Whoever asked may take it back, and an approved one can be stopped until it is done.
    UPDATE core.erasures AS e
      SET status = 'rejected', decided_by = (SELECT watertight.user_id()),
        decided_at = clock_timestamp(), decision_note = note
      WHERE e.id = wanted_id AND e.status IN ('pending', 'approved');
    RETURN QUERY SELECT CASE WHEN FOUND THEN 'decided' ELSE 'not_open' END;
  ELSIF known_status <> 'pending' THEN
    RETURN QUERY SELECT 'not_open';
  ELSIF asked_by = (SELECT watertight.user_id()) THEN
    RETURN QUERY SELECT 'own';
  ELSIF EXISTS (
    SELECT FROM core.legal_holds h WHERE h.tenant_id = v_subject AND h.released_at IS NULL) THEN
    RETURN QUERY SELECT 'held';
  ELSIF typed_name IS DISTINCT FROM known_name THEN
    RETURN QUERY SELECT 'name_differs';
  ELSE
    UPDATE core.erasures AS e
      SET status = 'approved', decided_by = (SELECT watertight.user_id()),
        decided_at = clock_timestamp(), decision_note = note,
        due_at = clock_timestamp() + interval '15 minutes'
      WHERE e.id = wanted_id AND e.status = 'pending'
        AND e.requested_by <> (SELECT watertight.user_id());
    RETURN QUERY SELECT CASE WHEN FOUND THEN 'decided' ELSE 'not_open' END;
  END IF;
END
$$;
REVOKE ALL ON FUNCTION core.decide_erasure(uuid, boolean, text, text) FROM PUBLIC;
COMMENT ON FUNCTION core.decide_erasure(uuid, boolean, text, text) IS
  'Approves the erasure that somebody else of platform staff has asked for, or stops one; what came of it.';

CREATE FUNCTION ops.due_erasures(page_size integer DEFAULT 10)
RETURNS TABLE (erasure_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT e.id FROM core.erasures e
    WHERE e.status = 'approved' AND e.due_at <= clock_timestamp()
    ORDER BY e.due_at, e.id
    LIMIT least(greatest(page_size, 0), 100);
END
$$;
REVOKE ALL ON FUNCTION ops.due_erasures(integer) FROM PUBLIC;
COMMENT ON FUNCTION ops.due_erasures(integer) IS 'Approved erasures whose time has come, for the eraser.';

-- Files are no rows: who died between the two removes them later, and again does no harm.
CREATE FUNCTION ops.erased_lately() RETURNS TABLE (subject_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT e.subject_id FROM core.erasures e
    WHERE e.status = 'erased' AND e.finished_at > clock_timestamp() - interval '7 days'
    ORDER BY e.finished_at DESC
    LIMIT 1000;
END
$$;
REVOKE ALL ON FUNCTION ops.erased_lately() FROM PUBLIC;
COMMENT ON FUNCTION ops.erased_lately() IS 'Tenants that were erased in the last week, for the eraser.';

CREATE FUNCTION ops.tenant_row_counts(wanted_tenant uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN jsonb_build_object(
    'notify.preferences',
      (SELECT count(*) FROM notify.preferences WHERE preferences.tenant_id = wanted_tenant),
    'notify.notification_logs',
      (SELECT count(*) FROM notify.notification_logs
        WHERE notification_logs.tenant_id = wanted_tenant),
    'notify.templates',
      (SELECT count(*) FROM notify.templates WHERE templates.tenant_id = wanted_tenant),
    'evt.waitlist_entries',
      (SELECT count(*) FROM evt.waitlist_entries WHERE waitlist_entries.tenant_id = wanted_tenant),
    'evt.check_ins', (SELECT count(*) FROM evt.check_ins WHERE check_ins.tenant_id = wanted_tenant),
    'evt.registrations',
      (SELECT count(*) FROM evt.registrations WHERE registrations.tenant_id = wanted_tenant),
    'evt.ticket_types',
      (SELECT count(*) FROM evt.ticket_types WHERE ticket_types.tenant_id = wanted_tenant),
    'evt.events', (SELECT count(*) FROM evt.events WHERE events.tenant_id = wanted_tenant),
    'media.variants',
      (SELECT count(*) FROM media.variants
        WHERE variants.file_id IN (SELECT files.id FROM media.files WHERE files.tenant_id = wanted_tenant)),
    'media.files', (SELECT count(*) FROM media.files WHERE files.tenant_id = wanted_tenant),
    'eval.ledger_heads',
      (SELECT count(*) FROM eval.ledger_heads WHERE ledger_heads.tenant_id = wanted_tenant),
    'eval.ledger_events',
      (SELECT count(*) FROM eval.ledger_events WHERE ledger_events.tenant_id = wanted_tenant),
    'eval.correction_decisions',
      (SELECT count(*) FROM eval.correction_decisions
        WHERE correction_decisions.tenant_id = wanted_tenant),
    'eval.result_corrections',
      (SELECT count(*) FROM eval.result_corrections
        WHERE result_corrections.tenant_id = wanted_tenant),
    'eval.submission_score_versions',
      (SELECT count(*) FROM eval.submission_score_versions
        WHERE submission_score_versions.tenant_id = wanted_tenant),
    'eval.submission_items',
      (SELECT count(*) FROM eval.submission_items WHERE submission_items.tenant_id = wanted_tenant),
    'eval.submissions',
      (SELECT count(*) FROM eval.submissions WHERE submissions.tenant_id = wanted_tenant),
    'eval.sessions', (SELECT count(*) FROM eval.sessions WHERE sessions.tenant_id = wanted_tenant),
    'eval.assignments',
      (SELECT count(*) FROM eval.assignments WHERE assignments.tenant_id = wanted_tenant),
    'eval.evaluation_versions',
      (SELECT count(*) FROM eval.evaluation_versions
        WHERE evaluation_versions.tenant_id = wanted_tenant),
    'eval.evaluations',
      (SELECT count(*) FROM eval.evaluations WHERE evaluations.tenant_id = wanted_tenant),
    'sec.exports', (SELECT count(*) FROM sec.exports WHERE exports.tenant_id = wanted_tenant),
    'sec.evidence', (SELECT count(*) FROM sec.evidence WHERE evidence.tenant_id = wanted_tenant),
    'sec.tenant_control_status',
      (SELECT count(*) FROM sec.tenant_control_status
        WHERE tenant_control_status.tenant_id = wanted_tenant))
    || jsonb_build_object(
    'sec.delivery_attempts',
      (SELECT count(*) FROM sec.delivery_attempts
        WHERE delivery_attempts.delivery_id IN (SELECT deliveries.id FROM sec.deliveries WHERE deliveries.tenant_id = wanted_tenant)),
    'sec.deliveries',
      (SELECT count(*) FROM sec.deliveries WHERE deliveries.tenant_id = wanted_tenant),
    'sec.tickets', (SELECT count(*) FROM sec.tickets WHERE tickets.tenant_id = wanted_tenant),
    'sec.alerts', (SELECT count(*) FROM sec.alerts WHERE alerts.tenant_id = wanted_tenant),
    'sec.integration_credentials',
      (SELECT count(*) FROM sec.integration_credentials
        WHERE integration_credentials.tenant_id = wanted_tenant),
    'sec.integration_destinations',
      (SELECT count(*) FROM sec.integration_destinations
        WHERE integration_destinations.tenant_id = wanted_tenant),
    'sec.enrollment_tokens',
      (SELECT count(*) FROM sec.enrollment_tokens
        WHERE enrollment_tokens.tenant_id = wanted_tenant),
    'sec.assets', (SELECT count(*) FROM sec.assets WHERE assets.tenant_id = wanted_tenant),
    'ops.idempotency_keys',
      (SELECT count(*) FROM ops.idempotency_keys WHERE idempotency_keys.tenant_id = wanted_tenant),
    'ops.outbox', (SELECT count(*) FROM ops.outbox WHERE outbox.tenant_id = wanted_tenant),
    'ops.audit_heads',
      (SELECT count(*) FROM ops.audit_heads WHERE audit_heads.tenant_id = wanted_tenant),
    'ops.audit_log', (SELECT count(*) FROM ops.audit_log WHERE audit_log.tenant_id = wanted_tenant),
    'core.encryption_keys',
      (SELECT count(*) FROM core.encryption_keys WHERE encryption_keys.tenant_id = wanted_tenant),
    'core.legal_holds',
      (SELECT count(*) FROM core.legal_holds WHERE legal_holds.tenant_id = wanted_tenant),
    'core.invitations',
      (SELECT count(*) FROM core.invitations WHERE invitations.tenant_id = wanted_tenant),
    'core.api_keys', (SELECT count(*) FROM core.api_keys WHERE api_keys.tenant_id = wanted_tenant),
    'core.access_grant_requests',
      (SELECT count(*) FROM core.access_grant_requests
        WHERE access_grant_requests.tenant_id = wanted_tenant),
    'core.access_grants',
      (SELECT count(*) FROM core.access_grants WHERE access_grants.tenant_id = wanted_tenant),
    'core.archive_requests',
      (SELECT count(*) FROM core.archive_requests WHERE archive_requests.tenant_id = wanted_tenant),
    'core.org_memberships',
      (SELECT count(*) FROM core.org_memberships WHERE org_memberships.tenant_id = wanted_tenant),
    'core.org_units',
      (SELECT count(*) FROM core.org_units WHERE org_units.tenant_id = wanted_tenant),
    'core.memberships',
      (SELECT count(*) FROM core.memberships WHERE memberships.tenant_id = wanted_tenant),
    'core.tenants', (SELECT count(*) FROM core.tenants WHERE tenants.id = wanted_tenant));
END
$$;
REVOKE ALL ON FUNCTION ops.tenant_row_counts(uuid) FROM PUBLIC;
COMMENT ON FUNCTION ops.tenant_row_counts(uuid) IS
  'Rows of a tenant by table, every table of the model that holds any; for the eraser.';

-- One transaction: all of it, the proof included, or nothing. Who is killed leaves an approved erasure.
CREATE FUNCTION ops.erase_tenant(wanted_id uuid)
RETURNS TABLE (outcome text, subject_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_subject uuid;
  started timestamptz := clock_timestamp();
  halt text;
  chain_at bigint;
  chain_hash bytea;
  before jsonb;
  deleted jsonb := '{}';
  after jsonb;
  gone bigint;
  report text;
BEGIN
  -- Locks the erasure, so that two erasers do one after the other, and the second finds it done.
  UPDATE core.erasures AS e SET attempts = e.attempts + 1
    WHERE e.id = wanted_id AND e.status = 'approved' AND e.due_at <= clock_timestamp()
    RETURNING e.subject_id INTO v_subject;
  IF v_subject IS NULL THEN
    RETURN QUERY SELECT 'not_due', v_subject;
    RETURN;
  END IF;
  halt := CASE
    WHEN NOT EXISTS (
      SELECT FROM core.tenants t WHERE t.id = v_subject AND t.status = 'archived')
      THEN 'NOT_ARCHIVED'
    WHEN EXISTS (
      SELECT FROM core.legal_holds h WHERE h.tenant_id = v_subject AND h.released_at IS NULL)
      THEN 'LEGAL_HOLD'
    END;
  IF halt IS NOT NULL THEN
    UPDATE core.erasures AS e
      SET status = 'halted', failure = halt, finished_at = clock_timestamp()
      WHERE e.id = wanted_id;
    RETURN QUERY SELECT 'halted', v_subject;
    RETURN;
  END IF;
  SELECT a.chain_position, a.entry_hash::bytea INTO chain_at, chain_hash
    FROM ops.audit_heads a WHERE a.tenant_id = v_subject;
  before := ops.tenant_row_counts(v_subject);
  DELETE FROM notify.preferences WHERE preferences.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('notify.preferences', gone);
  DELETE FROM notify.notification_logs WHERE notification_logs.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('notify.notification_logs', gone);
  DELETE FROM notify.templates WHERE templates.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('notify.templates', gone);
  DELETE FROM evt.waitlist_entries WHERE waitlist_entries.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('evt.waitlist_entries', gone);
  DELETE FROM evt.check_ins WHERE check_ins.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('evt.check_ins', gone);
  DELETE FROM evt.registrations WHERE registrations.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('evt.registrations', gone);
  DELETE FROM evt.ticket_types WHERE ticket_types.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('evt.ticket_types', gone);
  DELETE FROM evt.events WHERE events.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('evt.events', gone);
  DELETE FROM media.variants
    WHERE variants.file_id IN (SELECT files.id FROM media.files WHERE files.tenant_id = v_subject);
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('media.variants', gone);
  DELETE FROM media.files WHERE files.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('media.files', gone);
  DELETE FROM eval.ledger_heads WHERE ledger_heads.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('eval.ledger_heads', gone);
  DELETE FROM eval.ledger_events WHERE ledger_events.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('eval.ledger_events', gone);
  DELETE FROM eval.correction_decisions WHERE correction_decisions.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('eval.correction_decisions', gone);
  DELETE FROM eval.result_corrections WHERE result_corrections.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('eval.result_corrections', gone);
  DELETE FROM eval.submission_score_versions WHERE submission_score_versions.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('eval.submission_score_versions', gone);
  DELETE FROM eval.submission_items WHERE submission_items.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('eval.submission_items', gone);
  DELETE FROM eval.submissions WHERE submissions.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('eval.submissions', gone);
  DELETE FROM eval.sessions WHERE sessions.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('eval.sessions', gone);
  DELETE FROM eval.assignments WHERE assignments.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('eval.assignments', gone);
  DELETE FROM eval.evaluation_versions WHERE evaluation_versions.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('eval.evaluation_versions', gone);
  DELETE FROM eval.evaluations WHERE evaluations.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('eval.evaluations', gone);
  DELETE FROM sec.exports WHERE exports.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('sec.exports', gone);
  DELETE FROM sec.evidence WHERE evidence.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('sec.evidence', gone);
  DELETE FROM sec.tenant_control_status WHERE tenant_control_status.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('sec.tenant_control_status', gone);
  DELETE FROM sec.delivery_attempts
    WHERE delivery_attempts.delivery_id IN (SELECT deliveries.id FROM sec.deliveries WHERE deliveries.tenant_id = v_subject);
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('sec.delivery_attempts', gone);
  DELETE FROM sec.deliveries WHERE deliveries.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('sec.deliveries', gone);
  DELETE FROM sec.tickets WHERE tickets.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('sec.tickets', gone);
  DELETE FROM sec.alerts WHERE alerts.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('sec.alerts', gone);
  DELETE FROM sec.integration_credentials WHERE integration_credentials.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('sec.integration_credentials', gone);
  DELETE FROM sec.integration_destinations WHERE integration_destinations.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('sec.integration_destinations', gone);
  DELETE FROM sec.enrollment_tokens WHERE enrollment_tokens.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('sec.enrollment_tokens', gone);
  DELETE FROM sec.assets WHERE assets.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('sec.assets', gone);
  DELETE FROM ops.idempotency_keys WHERE idempotency_keys.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('ops.idempotency_keys', gone);
  DELETE FROM ops.outbox WHERE outbox.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('ops.outbox', gone);
  DELETE FROM ops.audit_heads WHERE audit_heads.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('ops.audit_heads', gone);
  DELETE FROM ops.audit_log WHERE audit_log.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('ops.audit_log', gone);
  DELETE FROM core.encryption_keys WHERE encryption_keys.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('core.encryption_keys', gone);
  -- One that was placed since the look above refuses this (trigger legal_holds_stand).
  DELETE FROM core.legal_holds WHERE legal_holds.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('core.legal_holds', gone);
  DELETE FROM core.invitations WHERE invitations.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('core.invitations', gone);
  DELETE FROM core.api_keys WHERE api_keys.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('core.api_keys', gone);
  DELETE FROM core.access_grant_requests WHERE access_grant_requests.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('core.access_grant_requests', gone);
  DELETE FROM core.access_grants WHERE access_grants.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('core.access_grants', gone);
  DELETE FROM core.archive_requests WHERE archive_requests.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('core.archive_requests', gone);
  DELETE FROM core.org_memberships WHERE org_memberships.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('core.org_memberships', gone);
  DELETE FROM core.org_units WHERE org_units.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('core.org_units', gone);
  DELETE FROM core.memberships WHERE memberships.tenant_id = v_subject;
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('core.memberships', gone);
  -- One that was restored since stays as well, and so is left over.
  DELETE FROM core.tenants WHERE tenants.id = v_subject AND tenants.status = 'archived';
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted || jsonb_build_object('core.tenants', gone);
  after := ops.tenant_row_counts(v_subject);
  IF EXISTS (SELECT FROM jsonb_each_text(after) AS left_over WHERE left_over.value <> '0') THEN
    RAISE EXCEPTION USING errcode = '23001', message = 'rows of the tenant would be left';
  END IF;
  SELECT jsonb_build_object(
      'format', 'platform erasure proof 1', 'erasureId', e.id, 'tenantId', e.subject_id,
      'tenantName', e.subject_name, 'tenantSlug', e.subject_slug, 'reason', e.reason,
      'exportTaken', e.export_taken, 'requestedBy', e.requested_by, 'requestedAt', e.requested_at,
      'approvedBy', e.decided_by, 'approvedAt', e.decided_at, 'attempts', e.attempts,
      'startedAt', started, 'finishedAt', clock_timestamp(),
      'auditChain', jsonb_build_object('position', chain_at, 'hash', encode(chain_hash, 'hex')),
      'before', before, 'deleted', deleted, 'after', after)::text
    INTO report
    FROM core.erasures e WHERE e.id = wanted_id;
  UPDATE core.erasures AS e
    SET status = 'erased', finished_at = clock_timestamp(), failure = NULL, proof = report,
      proof_sha256 = sha256(convert_to(report, 'UTF8'))
    WHERE e.id = wanted_id;
  RETURN QUERY SELECT 'erased', v_subject;
END
$$;
REVOKE ALL ON FUNCTION ops.erase_tenant(uuid) FROM PUBLIC;
COMMENT ON FUNCTION ops.erase_tenant(uuid) IS
  'Deletes every row of the tenant of an approved erasure, in the order of foreign keys, and keeps the proof; for the eraser.';

CREATE FUNCTION ops.note_failed_erasure(wanted_id uuid, why text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE core.erasures AS e
    SET attempts = e.attempts + 1, failure = why,
      due_at = clock_timestamp() + least(e.attempts + 1, 60) * interval '1 minute'
    WHERE e.id = wanted_id AND e.status = 'approved';
  RETURN FOUND;
END
$$;
REVOKE ALL ON FUNCTION ops.note_failed_erasure(uuid, text) FROM PUBLIC;
COMMENT ON FUNCTION ops.note_failed_erasure(uuid, text) IS
  'Keeps why an attempt at an approved erasure came to nothing, and when to try again; for the eraser.';

-- Published versions stay, unless all of their tenant goes: by the owner of the table, who says which,
-- or by the one function that erases. Its role is the only one but the owner that may write proofs.
CREATE OR REPLACE FUNCTION eval.keep_published_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  expected eval.evaluation_versions := OLD;
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('watertight.erasing', true) = OLD.tenant_id::text
    AND (SELECT pg_has_role(current_user, c.relowner, 'MEMBER')
      -- A cascade runs as the owner, whoever set it off.
      AND pg_has_role(session_user, c.relowner, 'MEMBER')
      FROM pg_catalog.pg_class c WHERE c.oid = TG_RELID) THEN
    RETURN OLD;
  END IF;
  IF TG_OP = 'DELETE' AND has_any_column_privilege(current_user, 'core.erasures', 'UPDATE')
    AND NOT (SELECT pg_has_role(current_user, c.relowner, 'MEMBER')
      FROM pg_catalog.pg_class c WHERE c.oid = TG_RELID) THEN
    RETURN OLD;
  END IF;
  IF OLD.state = 'draft' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF OLD.state = 'published' AND NEW.state = 'withdrawn' THEN
      expected.state := NEW.state;
    END IF;
    IF NEW IS NOT DISTINCT FROM expected THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'evaluation version % is published and cannot be changed', OLD.id
    USING ERRCODE = 'restrict_violation', HINT = 'Create a new version, or withdraw this one.';
END
$$;
