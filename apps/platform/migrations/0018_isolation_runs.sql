-- Runs of the isolation check: asked for by platform staff, done by the checker, a process of its own
-- with a superuser's connection that the HTTP server never has.
CREATE TYPE ops.run_status AS ENUM ('queued', 'running', 'finished', 'failed');
CREATE TYPE ops.cell_verdict AS ENUM ('leak', 'unknown', 'proven', 'not-applicable');
CREATE TYPE ops.cell_method AS ENUM ('proof', 'attack', 'catalog', 'none');

ALTER TABLE ops.isolation_runs
  ALTER COLUMN result DROP NOT NULL,
  ALTER COLUMN tool_version DROP NOT NULL,
  ALTER COLUMN server_version DROP NOT NULL,
  ALTER COLUMN started_at DROP NOT NULL,
  ADD COLUMN status ops.run_status NOT NULL DEFAULT 'finished',
  ADD COLUMN requested_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN requested_by uuid REFERENCES core.users (id),
  ADD COLUMN with_attacks boolean NOT NULL DEFAULT true,
  -- The checker says that it is alive; a run that it no longer speaks of has ended with it.
  ADD COLUMN heartbeat_at timestamptz,
  ADD COLUMN phase text CHECK (phase IN ('catalog', 'lint', 'prove', 'attack', 'two-worlds')),
  ADD COLUMN steps_done integer NOT NULL DEFAULT 0 CHECK (steps_done >= 0),
  ADD COLUMN steps_total integer NOT NULL DEFAULT 0 CHECK (steps_total >= 0),
  ADD COLUMN current_object text,
  ADD COLUMN failure text,
  ADD COLUMN tested integer NOT NULL DEFAULT 0 CHECK (tested >= 0),
  ADD COLUMN not_applicable integer NOT NULL DEFAULT 0 CHECK (not_applicable >= 0),
  ADD COLUMN errors integer NOT NULL DEFAULT 0 CHECK (errors >= 0),
  ADD COLUMN warnings integer NOT NULL DEFAULT 0 CHECK (warnings >= 0),
  ADD COLUMN infos integer NOT NULL DEFAULT 0 CHECK (infos >= 0),
  -- The run before, and how many cells have another verdict than there.
  ADD COLUMN compared_with uuid REFERENCES ops.isolation_runs (id) ON DELETE SET NULL,
  ADD COLUMN changed integer NOT NULL DEFAULT 0 CHECK (changed >= 0),
  -- The same result in the forms that are downloaded, by format.
  ADD COLUMN downloads jsonb NOT NULL DEFAULT '{}',
  ADD CHECK (status <> 'finished' OR (result IS NOT NULL AND finished_at IS NOT NULL)),
  ADD CHECK ((status = 'failed') = (failure IS NOT NULL)),
  ADD CHECK (tested <= unknown);

-- One at a time.
CREATE UNIQUE INDEX isolation_runs_open ON ops.isolation_runs ((true))
  WHERE status IN ('queued', 'running');
CREATE INDEX isolation_runs_newest ON ops.isolation_runs (requested_at DESC, id DESC);
CREATE INDEX isolation_runs_requested_by ON ops.isolation_runs (requested_by);
CREATE INDEX isolation_runs_compared_with ON ops.isolation_runs (compared_with);

CREATE TABLE ops.isolation_cells (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  run_id uuid NOT NULL REFERENCES ops.isolation_runs (id) ON DELETE CASCADE,
  -- Order of the matrix: by object, role and command.
  position integer NOT NULL CHECK (position > 0),
  object text NOT NULL,
  kind text NOT NULL,
  role text NOT NULL,
  mode text CHECK (mode IN ('member', 'public', 'auditor', 'worker', 'platform')),
  command text NOT NULL CHECK (command IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')),
  verdict ops.cell_verdict NOT NULL,
  method ops.cell_method NOT NULL,
  -- Of the run before; null where it had no such cell.
  previous_verdict ops.cell_verdict,
  probes integer NOT NULL DEFAULT 0 CHECK (probes >= 0),
  reason text NOT NULL,
  assumptions text[] NOT NULL DEFAULT '{}',
  UNIQUE (run_id, position)
);
CREATE INDEX isolation_cells_changed ON ops.isolation_cells (run_id, position)
  WHERE previous_verdict IS DISTINCT FROM verdict;
COMMENT ON TABLE ops.isolation_cells IS 'Verdict by table, role and command of an isolation run; no customer data; the platform''s, readable by all.';

-- Who acts by a grant is shown why they do: the reason is new.
DROP FUNCTION core.own_access_grants();
CREATE FUNCTION core.own_access_grants()
RETURNS TABLE (id uuid, tenant_id uuid, slug text, name text, mode core.grant_mode,
  reason text, can_write boolean, starts_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT g.id, g.tenant_id, t.slug::text, t.name, g.mode, g.reason, g.can_write,
      g.starts_at, g.expires_at
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
