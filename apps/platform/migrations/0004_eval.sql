-- Evaluations: definition, taking, scoring, correcting. Every table is inside an org unit.

CREATE SCHEMA eval;

CREATE TYPE eval.evaluation_kind AS ENUM ('exam', 'survey', 'assessment');
CREATE TYPE eval.version_state AS ENUM ('draft', 'published', 'withdrawn');
CREATE TYPE eval.assignment_status AS ENUM ('assigned', 'started', 'submitted', 'cancelled');
CREATE TYPE eval.session_state AS ENUM ('open', 'finished', 'expired');

CREATE TABLE eval.evaluations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  slug core.slug NOT NULL,
  title text NOT NULL,
  kind eval.evaluation_kind NOT NULL,
  pass_ratio numeric(4, 3) NOT NULL DEFAULT 0.5 CHECK (pass_ratio BETWEEN 0 AND 1),
  created_by uuid NOT NULL REFERENCES core.users (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  archived_at timestamptz,
  UNIQUE (tenant_id, id)
);
CREATE UNIQUE INDEX evaluations_slug_live ON eval.evaluations (tenant_id, org_unit_id, slug)
  WHERE archived_at IS NULL;
COMMENT ON TABLE eval.evaluations IS 'Exams, surveys and assessments; owned by an org unit of the tenant.';

CREATE TABLE eval.evaluation_versions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  evaluation_id uuid NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  state eval.version_state NOT NULL DEFAULT 'draft',
  content jsonb NOT NULL CHECK (jsonb_typeof(content -> 'questions') = 'array'),
  max_points numeric(8, 2) NOT NULL CHECK (max_points > 0),
  content_sha256 core.sha256_digest NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  published_by uuid REFERENCES core.users (id),
  published_at timestamptz,
  UNIQUE (tenant_id, evaluation_id, version),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, evaluation_id) REFERENCES eval.evaluations (tenant_id, id)
    ON DELETE RESTRICT,
  CHECK ((state = 'draft') = (published_at IS NULL))
);
CREATE UNIQUE INDEX evaluation_versions_one_draft
  ON eval.evaluation_versions (tenant_id, evaluation_id)
  WHERE state = 'draft';
COMMENT ON TABLE eval.evaluation_versions IS 'Content of an evaluation, immutable once published; owned by an org unit of the tenant.';

-- A published version may only be withdrawn; candidates have answered that very text.
CREATE FUNCTION eval.keep_published_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  expected eval.evaluation_versions := OLD;
BEGIN
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
CREATE TRIGGER keep_published_version BEFORE UPDATE OR DELETE ON eval.evaluation_versions
  FOR EACH ROW EXECUTE FUNCTION eval.keep_published_version();

CREATE TABLE eval.assignments (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  evaluation_version_id uuid NOT NULL REFERENCES eval.evaluation_versions (id),
  assignee_id uuid NOT NULL REFERENCES core.users (id),
  assigned_by uuid NOT NULL REFERENCES core.users (id),
  status eval.assignment_status NOT NULL DEFAULT 'assigned',
  opens_at timestamptz NOT NULL,
  closes_at timestamptz NOT NULL,
  availability tstzrange GENERATED ALWAYS AS (tstzrange(opens_at, closes_at)) STORED,
  max_attempts smallint NOT NULL DEFAULT 1 CHECK (max_attempts BETWEEN 1 AND 10),
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK (closes_at > opens_at)
);
CREATE UNIQUE INDEX assignments_one_live
  ON eval.assignments (tenant_id, evaluation_version_id, assignee_id)
  WHERE status IN ('assigned', 'started');
CREATE INDEX assignments_assignee ON eval.assignments (assignee_id, closes_at);
COMMENT ON TABLE eval.assignments IS 'Who has to take which version and when; owned by an org unit of the tenant.';

CREATE TABLE eval.sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  assignment_id uuid NOT NULL REFERENCES eval.assignments (id) ON DELETE RESTRICT,
  user_id uuid NOT NULL REFERENCES core.users (id),
  attempt smallint NOT NULL DEFAULT 1 CHECK (attempt > 0),
  state eval.session_state NOT NULL DEFAULT 'open',
  started_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  finished_at timestamptz,
  client_address inet,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, assignment_id, attempt),
  CHECK (expires_at > started_at),
  CHECK ((state = 'finished') = (finished_at IS NOT NULL))
);
CREATE UNIQUE INDEX sessions_one_open ON eval.sessions (tenant_id, assignment_id) WHERE state = 'open';
COMMENT ON TABLE eval.sessions IS 'Sittings of an assigned evaluation; owned by an org unit of the tenant.';

CREATE TABLE eval.submissions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  session_id uuid NOT NULL,
  submitted_by uuid NOT NULL REFERENCES core.users (id),
  submitted_at timestamptz NOT NULL DEFAULT now(),
  answers_sha256 core.sha256_digest NOT NULL,
  comment text,
  UNIQUE (tenant_id, session_id),
  FOREIGN KEY (tenant_id, session_id) REFERENCES eval.sessions (tenant_id, id) ON DELETE RESTRICT
);
COMMENT ON TABLE eval.submissions IS 'Append-only record of what was handed in; owned by an org unit of the tenant.';

CREATE TABLE eval.submission_items (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  submission_id uuid NOT NULL REFERENCES eval.submissions (id),
  question_key text NOT NULL CHECK (question_key ~ '^q[0-9]+$'),
  answer jsonb NOT NULL,
  answered_at timestamptz NOT NULL,
  UNIQUE (tenant_id, submission_id, question_key)
);
COMMENT ON TABLE eval.submission_items IS 'Append-only answers of a submission, one per question; owned by an org unit of the tenant.';

CREATE TABLE eval.submission_score_versions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  submission_id uuid NOT NULL REFERENCES eval.submissions (id),
  version integer NOT NULL CHECK (version > 0),
  points numeric(8, 2) NOT NULL CHECK (points >= 0),
  max_points numeric(8, 2) NOT NULL CHECK (max_points > 0),
  ratio numeric(6, 5) GENERATED ALWAYS AS (points / max_points) STORED,
  breakdown jsonb NOT NULL DEFAULT '{}',
  scored_by uuid REFERENCES core.users (id),
  scored_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, submission_id, version),
  UNIQUE (tenant_id, id),
  CHECK (points <= max_points)
);
COMMENT ON TABLE eval.submission_score_versions IS 'Append-only scores of a submission, the highest version counts; owned by an org unit of the tenant.';

CREATE TABLE eval.result_corrections (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  score_version_id uuid NOT NULL,
  points_delta numeric(8, 2) NOT NULL CHECK (points_delta <> 0),
  reason text NOT NULL CHECK (length(btrim(reason)) > 0),
  corrected_by uuid NOT NULL REFERENCES core.users (id),
  approved_by uuid REFERENCES core.users (id),
  corrected_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (tenant_id, score_version_id)
    REFERENCES eval.submission_score_versions (tenant_id, id) ON DELETE RESTRICT,
  CHECK (approved_by <> corrected_by)
);
CREATE INDEX result_corrections_score ON eval.result_corrections (score_version_id);
COMMENT ON TABLE eval.result_corrections IS 'Append-only additions to a score with their reason; owned by an org unit of the tenant.';

CREATE TABLE eval.ledger_events (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  org_unit_id uuid NOT NULL REFERENCES core.org_units (id),
  kind text NOT NULL CHECK (kind ~ '^[a-z_]+\.[a-z_]+$'),
  subject_id uuid NOT NULL,
  actor_id uuid REFERENCES core.users (id),
  payload jsonb NOT NULL DEFAULT '{}',
  occurred_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, sequence)
);
CREATE INDEX ledger_events_subject ON eval.ledger_events (subject_id, sequence);
COMMENT ON TABLE eval.ledger_events IS 'Append-only history of everything that happened to an evaluation; owned by an org unit of the tenant.';
