-- Evaluations: rows that belong together stay in one org unit and with one person, what is over stays
-- as it was, corrections take effect when a second person agrees, and the ledger counts per tenant.

-- A reference that includes the org unit cannot lead out of the silo, whoever writes it.
ALTER TABLE eval.evaluations ADD UNIQUE (tenant_id, org_unit_id, id);

ALTER TABLE eval.evaluation_versions
  ADD UNIQUE (tenant_id, org_unit_id, id),
  DROP CONSTRAINT evaluation_versions_tenant_id_evaluation_id_fkey,
  ADD FOREIGN KEY (tenant_id, org_unit_id, evaluation_id)
    REFERENCES eval.evaluations (tenant_id, org_unit_id, id) ON DELETE RESTRICT,
  ADD CHECK ((published_at IS NULL) = (published_by IS NULL));

-- Whoever is assigned is or was a member of the tenant; sessions and submissions are theirs alone.
ALTER TABLE eval.assignments
  ADD UNIQUE (tenant_id, org_unit_id, id, assignee_id),
  DROP CONSTRAINT assignments_evaluation_version_id_fkey,
  ADD FOREIGN KEY (tenant_id, org_unit_id, evaluation_version_id)
    REFERENCES eval.evaluation_versions (tenant_id, org_unit_id, id) ON DELETE RESTRICT,
  ADD FOREIGN KEY (tenant_id, assignee_id)
    REFERENCES core.memberships (tenant_id, user_id) ON DELETE RESTRICT;

ALTER TABLE eval.sessions
  ADD UNIQUE (tenant_id, org_unit_id, id, user_id),
  DROP CONSTRAINT sessions_assignment_id_fkey,
  ADD FOREIGN KEY (tenant_id, org_unit_id, assignment_id, user_id)
    REFERENCES eval.assignments (tenant_id, org_unit_id, id, assignee_id) ON DELETE RESTRICT;

ALTER TABLE eval.submissions
  ADD UNIQUE (tenant_id, org_unit_id, id),
  DROP CONSTRAINT submissions_tenant_id_session_id_fkey,
  ADD FOREIGN KEY (tenant_id, org_unit_id, session_id, submitted_by)
    REFERENCES eval.sessions (tenant_id, org_unit_id, id, user_id) ON DELETE RESTRICT;

ALTER TABLE eval.submission_items
  DROP CONSTRAINT submission_items_submission_id_fkey,
  ADD FOREIGN KEY (tenant_id, org_unit_id, submission_id)
    REFERENCES eval.submissions (tenant_id, org_unit_id, id) ON DELETE RESTRICT;

ALTER TABLE eval.submission_score_versions
  ADD UNIQUE (tenant_id, org_unit_id, id),
  DROP CONSTRAINT submission_score_versions_submission_id_fkey,
  ADD FOREIGN KEY (tenant_id, org_unit_id, submission_id)
    REFERENCES eval.submissions (tenant_id, org_unit_id, id) ON DELETE RESTRICT;

ALTER TABLE eval.result_corrections
  ADD UNIQUE (tenant_id, org_unit_id, id, corrected_by),
  DROP CONSTRAINT result_corrections_tenant_id_score_version_id_fkey,
  ADD FOREIGN KEY (tenant_id, org_unit_id, score_version_id)
    REFERENCES eval.submission_score_versions (tenant_id, org_unit_id, id) ON DELETE RESTRICT;

CREATE TYPE eval.decision_outcome AS ENUM ('approved', 'rejected');

CREATE TABLE eval.correction_decisions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  correction_id uuid NOT NULL,
  corrected_by uuid NOT NULL REFERENCES core.users (id),
  outcome eval.decision_outcome NOT NULL,
  decided_by uuid NOT NULL REFERENCES core.users (id),
  note text CHECK (length(note) BETWEEN 1 AND 1000),
  decided_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, correction_id),
  FOREIGN KEY (tenant_id, org_unit_id, correction_id, corrected_by)
    REFERENCES eval.result_corrections (tenant_id, org_unit_id, id, corrected_by) ON DELETE RESTRICT,
  CHECK (decided_by <> corrected_by)
);
COMMENT ON TABLE eval.correction_decisions IS 'Append-only answers of a second person to corrections, one each; owned by an org unit of the tenant.';

-- A sitting that is over stays as it was, and an open one can only end: nobody gains time.
CREATE FUNCTION eval.keep_session() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  expected eval.sessions := OLD;
BEGIN
  IF OLD.state = 'open' THEN
    expected.state := NEW.state;
    expected.finished_at := NEW.finished_at;
  END IF;
  IF NEW IS NOT DISTINCT FROM expected THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'session % can only be ended, once', OLD.id USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER keep_session BEFORE UPDATE ON eval.sessions
  FOR EACH ROW EXECUTE FUNCTION eval.keep_session();

-- What somebody has handed in or been relieved of is not asked of them again.
CREATE FUNCTION eval.keep_closed_assignment() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF OLD.status IN ('assigned', 'started') OR NEW IS NOT DISTINCT FROM OLD THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'assignment % is closed', OLD.id USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER keep_closed_assignment BEFORE UPDATE ON eval.assignments
  FOR EACH ROW EXECUTE FUNCTION eval.keep_closed_assignment();

-- The row of a tenant is locked from an append to its commit, so the ledger has no gaps and no reader
-- sees an event before those with lower numbers. One counter for all would tell tenants of each other.
CREATE TABLE eval.ledger_heads (
  tenant_id uuid PRIMARY KEY REFERENCES core.tenants (id),
  last_sequence bigint NOT NULL
);
COMMENT ON TABLE eval.ledger_heads IS 'How many events the ledger of a tenant has; the tenant''s.';

ALTER TABLE eval.ledger_events ALTER COLUMN sequence DROP IDENTITY;

CREATE FUNCTION eval.number_ledger_event() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  INSERT INTO eval.ledger_heads AS head (tenant_id, last_sequence) VALUES (NEW.tenant_id, 1)
  ON CONFLICT (tenant_id) DO UPDATE SET last_sequence = head.last_sequence + 1
  RETURNING last_sequence INTO NEW.sequence;
  RETURN NEW;
END
$$;
CREATE TRIGGER number_ledger_event BEFORE INSERT ON eval.ledger_events
  FOR EACH ROW EXECUTE FUNCTION eval.number_ledger_event();

-- Lists, newest first: of the tenant, of one org unit, and of the user who sees own rows only.
CREATE INDEX evaluations_newest ON eval.evaluations (tenant_id, created_at DESC, id DESC);
CREATE INDEX evaluations_of_unit
  ON eval.evaluations (tenant_id, org_unit_id, created_at DESC, id DESC);
CREATE INDEX assignments_newest ON eval.assignments (tenant_id, created_at DESC, id DESC);
CREATE INDEX assignments_of_unit
  ON eval.assignments (tenant_id, org_unit_id, created_at DESC, id DESC);
CREATE INDEX assignments_of_user
  ON eval.assignments (tenant_id, assignee_id, created_at DESC, id DESC);
CREATE INDEX assignments_of_version
  ON eval.assignments (tenant_id, evaluation_version_id, created_at DESC, id DESC);
-- Equality of enums is not leakproof, so below a policy it selects an index but searches none.
CREATE INDEX assignments_live ON eval.assignments (tenant_id, created_at DESC, id DESC)
  WHERE status IN ('assigned', 'started');
CREATE INDEX sessions_newest ON eval.sessions (tenant_id, started_at DESC, id DESC);
CREATE INDEX sessions_of_unit ON eval.sessions (tenant_id, org_unit_id, started_at DESC, id DESC);
CREATE INDEX sessions_of_user ON eval.sessions (tenant_id, user_id, started_at DESC, id DESC);
CREATE INDEX submissions_newest ON eval.submissions (tenant_id, submitted_at DESC, id DESC);
CREATE INDEX submissions_of_unit
  ON eval.submissions (tenant_id, org_unit_id, submitted_at DESC, id DESC);
CREATE INDEX submissions_of_user
  ON eval.submissions (tenant_id, submitted_by, submitted_at DESC, id DESC);
CREATE INDEX ledger_events_of_unit
  ON eval.ledger_events (tenant_id, org_unit_id, sequence DESC, id DESC);
CREATE INDEX ledger_events_of_kind ON eval.ledger_events (tenant_id, kind, sequence DESC, id DESC);
CREATE INDEX ledger_events_time ON eval.ledger_events (tenant_id, occurred_at);
