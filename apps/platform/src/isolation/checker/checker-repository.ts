import type { Queryable } from 'watertight/sql'

/** A run that was taken from the queue. */
export interface TakenRun {
  readonly id: string
  readonly withAttacks: boolean
}

const take = `
update ops.isolation_runs set status = 'running', started_at = now(), heartbeat_at = now(),
  phase = 'catalog'
where id = (select id from ops.isolation_runs where status = 'queued' for update skip locked limit 1)
returning id, with_attacks as "withAttacks"`

/** Takes the run that waits, if there is one. */
export async function takeRun(db: Queryable): Promise<TakenRun | undefined> {
  const { rows } = await db.query<TakenRun>(take)
  return rows[0]
}

const begin = `
insert into ops.isolation_runs (status, started_at, heartbeat_at, phase, with_attacks)
values ('running', now(), now(), 'catalog', $1)
on conflict do nothing returning id`

/** Begins a run that nobody asked for; undefined while another one is open. */
export async function beginRun(db: Queryable, withAttacks: boolean): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(begin, [withAttacks])
  return rows[0]?.id
}

/** How far a run is. */
export interface RunProgress {
  readonly stage: string
  readonly done: number
  readonly total: number
  readonly object: string
}

const progress = `
update ops.isolation_runs set heartbeat_at = now(), phase = $2, steps_done = $3, steps_total = $4,
  current_object = nullif($5, '')
where id = $1 and status = 'running'`

/** Says how far a run is, and that the checker is alive. */
export async function noteProgress(
  db: Queryable,
  runId: string,
  { stage, done, total, object }: RunProgress,
): Promise<void> {
  await db.query(progress, [runId, stage, done, total, object])
}

const fail = `
update ops.isolation_runs set status = 'failed', failure = $2, phase = null,
  current_object = null, finished_at = greatest(clock_timestamp(), started_at)
where id = $1 and status = 'running'`

/** Ends a run that could not be finished; `failure` holds no value of any row. */
export async function failRun(db: Queryable, runId: string, failure: string): Promise<void> {
  await db.query(fail, [runId, failure])
}

const policies = `
select coalesce(json_object_agg(t.object, t.policies), '{}') as policies from (
  select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as object,
    json_agg(json_build_object('name', p.polname, 'permissive', p.polpermissive,
      'command', case p.polcmd when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE'
        when 'd' then 'DELETE' else 'ALL' end,
      'roles', (select json_agg(case r.oid when 0 then 'PUBLIC' else pg_get_userbyid(r.oid) end)
        from unnest(p.polroles) as r (oid)),
      'appliesTo', (select coalesce(json_agg(m.rolname), '[]') from pg_roles m
        where m.rolname = any ($1) and exists (select from unnest(p.polroles) as r (oid)
          where case r.oid when 0 then true else pg_has_role(m.oid, r.oid, 'usage') end)),
      'using', pg_get_expr(p.polqual, p.polrelid, true),
      'withCheck', pg_get_expr(p.polwithcheck, p.polrelid, true)) order by p.polname) as policies
  from pg_policy p
  join pg_class c on c.oid = p.polrelid
  join pg_namespace n on n.oid = c.relnamespace
  group by c.oid, n.nspname, c.relname) t`

/** Policies of every table in readable form, and which of some roles each one applies to. */
export async function readPolicies(db: Queryable, roles: readonly string[]): Promise<object> {
  const { rows } = await db.query<{ policies: object }>(policies, [roles])
  return rows[0]?.policies ?? {}
}

/** A cell as it is kept. */
export interface KeptCell {
  readonly position: number
  readonly object: string
  readonly kind: string
  readonly role: string
  readonly mode: string | null
  readonly command: string
  readonly verdict: string
  readonly method: string
  readonly probes: number
  readonly reason: string
  readonly assumptions: readonly string[]
}

/** The result of a run as it is kept. */
export interface KeptResult {
  readonly result: 'holds' | 'findings' | 'incomplete'
  readonly toolVersion: string
  readonly serverVersion: number
  readonly proven: number
  readonly leaks: number
  readonly unknown: number
  readonly tested: number
  readonly notApplicable: number
  readonly errors: number
  readonly warnings: number
  readonly infos: number
  readonly report: object
  readonly downloads: Readonly<Record<string, string>>
  readonly cells: readonly KeptCell[]
}

// Cells are compared with those of the last run that had a result.
const finish = `
with before as (
  select id from ops.isolation_runs
  where status = 'finished' and tool_version <> 'demo'
  order by requested_at desc limit 1
), added as (
  insert into ops.isolation_cells (run_id, position, object, kind, role, mode, command, verdict,
    method, probes, reason, assumptions, previous_verdict)
  select $1, c.position, c.object, c.kind, c.role, c.mode, c.command, c.verdict, c.method, c.probes,
    c.reason, c.assumptions, o.verdict
  from jsonb_to_recordset($2::jsonb) as c (position int, object text, kind text, role text, mode text,
    command text, verdict ops.cell_verdict, method ops.cell_method, probes int, reason text,
    assumptions text[])
  left join ops.isolation_cells o on o.run_id = (select id from before) and o.object = c.object
    and o.role = c.role and o.command = c.command
  returning previous_verdict is distinct from verdict as is_changed
)
update ops.isolation_runs r set status = 'finished', phase = null, current_object = null,
  finished_at = greatest(clock_timestamp(), r.started_at), compared_with = (select id from before),
  changed = (select count(*) from added where is_changed and exists (select from before)),
  result = k.result, tool_version = k."toolVersion", server_version = k."serverVersion",
  proven = k.proven, leaks = k.leaks, unknown = k.unknown, tested = k.tested,
  not_applicable = k."notApplicable", errors = k.errors, warnings = k.warnings, infos = k.infos,
  report = k.report, downloads = k.downloads
from jsonb_to_record($3::jsonb) as k (result ops.run_result, "toolVersion" text, "serverVersion" int,
  proven int, leaks int, unknown int, tested int, "notApplicable" int, errors int, warnings int,
  infos int, report jsonb, downloads jsonb)
where r.id = $1 and r.status = 'running'
returning r.id`

/** Keeps the result of a run; false when the run was given up meanwhile. */
export async function finishRun(
  db: Queryable,
  runId: string,
  { cells, ...kept }: KeptResult,
): Promise<boolean> {
  const { rows } = await db.query(finish, [runId, JSON.stringify(cells), JSON.stringify(kept)])
  return rows.length > 0
}

const prune = `
with old as (
  select id from ops.isolation_runs where status in ('finished', 'failed')
  order by requested_at desc offset $1
), emptied as (
  delete from ops.isolation_cells where run_id in (select id from old)
)
update ops.isolation_runs set report = '{}', downloads = '{}'
where id in (select id from old) and (report <> '{}' or downloads <> '{}')`

/** Keeps cells and reports of the newest runs only; the others keep their totals. */
export async function pruneRuns(db: Queryable, kept: number): Promise<void> {
  await db.query(prune, [kept])
}

/** Removes the made-up runs of the demo, once there is a real one. */
export async function forgetDemoRuns(db: Queryable): Promise<void> {
  await db.query(`delete from ops.isolation_runs where tool_version = 'demo'`)
}
