-- Who approved an erasure stays known when somebody stops it; and the eraser notes when the files of a
-- tenant that is gone are gone as well, so that who dies between the two forgets none of them.

ALTER TABLE core.erasures
  ADD COLUMN approved_by uuid REFERENCES core.users (id),
  ADD COLUMN approved_at timestamptz,
  ADD COLUMN approval_note text CHECK (length(approval_note) <= 1000),
  ADD COLUMN files_removed_at timestamptz;

-- The one change to what is erased: what is known already, said in columns of its own.
ALTER TABLE core.erasures DISABLE TRIGGER erasures_stand;
UPDATE core.erasures
  SET approved_by = decided_by, approved_at = decided_at, approval_note = decision_note
  WHERE status IN ('approved', 'halted', 'erased');
ALTER TABLE core.erasures ENABLE TRIGGER erasures_stand;

ALTER TABLE core.erasures
  ADD CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  ADD CHECK (approval_note IS NULL OR approved_by IS NOT NULL),
  ADD CHECK (approved_by <> requested_by),
  ADD CHECK (status NOT IN ('approved', 'halted', 'erased') OR approved_by IS NOT NULL),
  ADD CHECK (files_removed_at IS NULL OR status = 'erased');
CREATE INDEX erasures_approved_by ON core.erasures (approved_by);
CREATE INDEX erasures_with_files ON core.erasures (finished_at)
  WHERE status = 'erased' AND files_removed_at IS NULL;
COMMENT ON COLUMN core.erasures.decided_by IS
  'Who decided last: who approved it, or who stopped it, approved or not.';
COMMENT ON COLUMN core.erasures.files_removed_at IS
  'When the eraser first had removed what is kept of the tenant outside of the database.';

-- A proof stays as it is, whoever owns the table; when the files were gone is added to it once.
CREATE OR REPLACE FUNCTION core.keep_proof() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  expected core.erasures := OLD;
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.files_removed_at IS NULL THEN
    expected.files_removed_at := NEW.files_removed_at;
    IF NEW IS NOT DISTINCT FROM expected THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION USING errcode = '23001', message = 'the proof of an erasure cannot be changed';
END
$$;

CREATE OR REPLACE FUNCTION core.decide_erasure(
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
    -- Whoever asked may take it back, and an approved one can be stopped until it is done. Who had
    -- approved it stays known.
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
        approved_by = (SELECT watertight.user_id()), approved_at = clock_timestamp(),
        approval_note = note, due_at = clock_timestamp() + interval '15 minutes'
      WHERE e.id = wanted_id AND e.status = 'pending'
        AND e.requested_by <> (SELECT watertight.user_id());
    RETURN QUERY SELECT CASE WHEN FOUND THEN 'decided' ELSE 'not_open' END;
  END IF;
END
$$;

CREATE FUNCTION core.erasure_record(wanted_id uuid)
RETURNS TABLE (approved_by uuid, approved_at timestamptz, approval_note text,
  files_removed_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT e.approved_by, e.approved_at, e.approval_note, e.files_removed_at
    FROM core.erasures e
    WHERE (SELECT watertight.mode()) = 'platform' AND EXISTS (
        SELECT FROM core.users s
        WHERE s.id = (SELECT watertight.user_id()) AND s.is_platform_staff
          AND s.status = 'active' AND s.deleted_at IS NULL)
      AND e.id = wanted_id;
END
$$;
REVOKE ALL ON FUNCTION core.erasure_record(uuid) FROM PUBLIC;
COMMENT ON FUNCTION core.erasure_record(uuid) IS
  'Who approved an erasure, whatever became of it, and when the files of the tenant were gone; for platform staff.';

-- Files are no rows. Those of a tenant that is gone are removed until that is noted, however long it
-- takes, and for a week more: whoever was about to write one when the tenant went has ended by then.
CREATE OR REPLACE FUNCTION ops.erased_lately() RETURNS TABLE (subject_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT e.subject_id FROM core.erasures e
    WHERE e.status = 'erased' AND (e.files_removed_at IS NULL
      OR e.finished_at > clock_timestamp() - interval '7 days')
    ORDER BY e.files_removed_at NULLS FIRST, e.finished_at
    LIMIT 1000;
END
$$;
COMMENT ON FUNCTION ops.erased_lately() IS
  'Erased tenants whose files may be left, those first of which nobody has noted that they are gone; for the eraser.';

CREATE FUNCTION ops.note_files_removed(wanted_tenant uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE core.erasures AS e SET files_removed_at = clock_timestamp()
    WHERE e.subject_id = wanted_tenant AND e.status = 'erased' AND e.files_removed_at IS NULL;
  RETURN FOUND;
END
$$;
REVOKE ALL ON FUNCTION ops.note_files_removed(uuid) FROM PUBLIC;
COMMENT ON FUNCTION ops.note_files_removed(uuid) IS
  'Notes, once, that the files of an erased tenant are gone; for the eraser.';
