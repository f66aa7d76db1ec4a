import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { byInteger, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** Where a run stands. */
export type RunStatus = 'queued' | 'running' | 'finished' | 'failed'

/** A run as lists have it. */
export interface RunRow {
  readonly id: string
  readonly status: RunStatus
  readonly requestedAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  readonly withAttacks: boolean
  readonly phase: string | null
  readonly stepsDone: number
  readonly stepsTotal: number
  readonly currentObject: string | null
  /** Nobody has spoken of the run for a while: the checker does not run, or was stopped. */
  readonly isStalled: boolean
  readonly failure: string | null
  readonly result: 'holds' | 'findings' | 'incomplete' | null
  readonly toolVersion: string | null
  readonly serverVersion: number | null
  readonly proven: number
  readonly leaks: number
  readonly unknown: number
  readonly tested: number
  readonly notApplicable: number
  readonly errors: number
  readonly warnings: number
  readonly infos: number
  readonly comparedWith: string | null
  readonly changed: number
  /** Forms that the report can be downloaded in. */
  readonly formats: readonly string[]
}

/** What a finished run says beside its cells; empty while it has not ended. */
export interface RunDetail {
  readonly stages?: readonly unknown[]
  readonly classes?: readonly unknown[]
  readonly assumptions?: readonly unknown[]
  readonly hashes?: { readonly catalog: string; readonly model: string }
}

const columns = sql`id, status, requested_at as "requestedAt", started_at as "startedAt",
  finished_at as "finishedAt", with_attacks as "withAttacks", phase, steps_done as "stepsDone",
  steps_total as "stepsTotal", current_object as "currentObject",
  status in ('queued', 'running')
    and coalesce(heartbeat_at, requested_at) < now() - interval '30 seconds' as "isStalled",
  failure, result, tool_version as "toolVersion", server_version as "serverVersion", proven, leaks,
  unknown, tested, not_applicable as "notApplicable", errors, warnings, infos,
  compared_with as "comparedWith", changed,
  array(select jsonb_object_keys(downloads) order by 1) as formats`

/** What runs can be listed by. */
export type RunSort = 'requestedAt' | 'finishedAt' | 'leaking' | 'changed'

/** The orders of the list of runs. */
export const runOrders: SortOrders<RunSort> = sortOrders(
  {
    requestedAt: byTime(sql`requested_at`),
    finishedAt: byTime(sql`finished_at`, { nullable: true }),
    leaking: byInteger(sql`leaks`),
    changed: byInteger(sql`changed`),
  },
  '-requestedAt',
)

const one = sql`
select ${columns}, jsonb_build_object('stages', report -> 'stages', 'classes', report -> 'classes',
  'assumptions', report -> 'assumptions', 'hashes', report -> 'hashes') as detail
from ops.isolation_runs
where id = $1 and (not $2::boolean or status = 'finished')`

const latest = sql`
select id from ops.isolation_runs where status = 'finished'
order by requested_at desc, id desc limit 1`

/** A page of runs; one more than the limit. */
export async function listRuns(
  db: Queryable,
  filter: PageFilter<RunSort> & { readonly onlyFinished: boolean },
): Promise<Sorted<RunRow>[]> {
  const page = pageSql(runOrders, filter)
  const { rows } = await db.query<Sorted<RunRow>>(
    sql`select ${columns}, ${page.column} from ops.isolation_runs
      where ${page.after} and (not $4::boolean or status = 'finished') ${page.orderAndLimit}`.text,
    [...page.values, filter.onlyFinished],
  )
  return rows
}

/** One run with what it says beside its cells. */
export async function findRun(
  db: Queryable,
  id: string,
  onlyFinished: boolean,
): Promise<(RunRow & { readonly detail: RunDetail }) | undefined> {
  const { rows } = await db.query<RunRow & { readonly detail: RunDetail }>(one.text, [
    id,
    onlyFinished,
  ])
  return rows[0]
}

/** The id of the last run that has ended with a result. */
export async function findLatestRun(db: Queryable): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(latest.text)
  return rows[0]?.id
}

// A run that nobody has spoken of for two minutes has ended with its checker.
const endStalled = `
update ops.isolation_runs set status = 'failed', finished_at = greatest(now(), started_at),
  failure = 'no checker has spoken of the run for two minutes'
where status in ('queued', 'running')
  and coalesce(heartbeat_at, requested_at) < now() - interval '2 minutes'`

const request = `
insert into ops.isolation_runs (status, requested_by, with_attacks) values ('queued', $1, $2)
on conflict do nothing returning id`

/** Ends the run that nobody speaks of any more, if there is one. */
export async function endStalledRuns(db: Queryable): Promise<void> {
  await db.query(endStalled)
}

/** Asks for a run, by a user of the platform; undefined while another one is open. */
export async function requestRun(
  db: Queryable,
  userId: string | null,
  withAttacks: boolean,
): Promise<string | undefined> {
  await endStalledRuns(db)
  const { rows } = await db.query<{ id: string }>(request, [userId, withAttacks])
  return rows[0]?.id
}

const download = `
select downloads ->> $2 as text from ops.isolation_runs
where id = $1 and status = 'finished' and downloads ? $2`

/** The report of a run in one form. */
export async function findDownload(
  db: Queryable,
  id: string,
  format: string,
): Promise<string | undefined> {
  const { rows } = await db.query<{ text: string }>(download, [id, format])
  return rows[0]?.text
}
