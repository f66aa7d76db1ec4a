import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { byInteger, byText, pageSql, placeOf, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** What is known of a cell. */
export type CellVerdict = 'leak' | 'unknown' | 'proven' | 'not-applicable'

/** How it is known. `catalog`: the catalog alone says it; `none`: it was not checked. */
export type CellMethod = 'proof' | 'attack' | 'catalog' | 'none'

/** One command of one role on one table. */
export interface CellRow {
  readonly id: string
  readonly position: number
  readonly object: string
  readonly kind: string
  readonly role: string
  /** Null for a role that the model does not name. */
  readonly mode: string | null
  readonly command: string
  readonly verdict: CellVerdict
  readonly method: CellMethod
  readonly previousVerdict: CellVerdict | null
  readonly probes: number
}

/** A policy that decides about the rows of a cell. */
export interface CellPolicy {
  readonly name: string
  readonly permissive: boolean
  readonly command: string
  readonly roles: readonly string[]
  readonly using: string | null
  readonly withCheck: string | null
}

/** A finding of a run. */
export interface FindingRow {
  readonly position: number
  readonly rule: string
  readonly severity: 'error' | 'warning' | 'info'
  readonly object: string
  readonly command: string | null
  readonly role: string | null
  readonly message: string
  readonly statement: string | null
  readonly fixSql: string | null
  readonly remedy: string | null
  readonly docs: string
  readonly key: string
  /** Why it does not count: the reason it is accepted for; null when it does. */
  readonly acceptedBecause: string | null
}

/** A cell with the grounds of its verdict. */
export interface CellDetail extends CellRow {
  readonly reason: string
  readonly assumptions: readonly string[]
  readonly policies: readonly CellPolicy[]
  readonly findings: readonly FindingRow[]
}

const columns = sql`c.id, c.position, c.object, c.kind, c.role, c.mode, c.command, c.verdict,
  c.method, c.previous_verdict as "previousVerdict", c.probes`

const listed = sql`
select ${columns} from ops.isolation_cells c
where c.run_id = $1 and c.position > $2
  and ($4::text is null or c.object = $4) and ($5::text is null or c.mode = $5)
  and ($6::text is null or c.command = $6) and ($7::ops.cell_verdict is null or c.verdict = $7)
  and (not $8::boolean or c.previous_verdict is distinct from c.verdict)
order by c.position limit $3`

/** Which cells of a run. */
export interface CellFilter {
  readonly limit: number
  readonly afterPosition: number
  readonly object: string | null
  readonly mode: string | null
  readonly command: string | null
  readonly verdict: CellVerdict | null
  readonly onlyChanged: boolean
}

/** Cells in the order of the matrix; one more than the limit. */
export async function listCells(
  db: Queryable,
  runId: string,
  filter: CellFilter,
): Promise<CellRow[]> {
  const { limit, afterPosition, object, mode, command, verdict, onlyChanged } = filter
  const { rows } = await db.query<CellRow>(listed.text, [
    runId,
    afterPosition,
    limit + 1,
    object,
    mode,
    command,
    verdict,
    onlyChanged,
  ])
  return rows
}

/** What the JSON of a run keeps of each finding. */
const findingColumns = sql`f.position::int, f.item ->> 'rule' as rule, f.item ->> 'severity' as severity,
  f.item ->> 'object' as object, f.item ->> 'command' as command, f.item ->> 'role' as role,
  f.item ->> 'message' as message, f.item -> 'evidence' ->> 'statement' as statement,
  f.item -> 'fix' ->> 'sql' as "fixSql", f.item ->> 'remedy' as remedy, f.item ->> 'docs' as docs,
  f.item ->> 'key' as key, f.item ->> 'acceptedBecause' as "acceptedBecause"`

const one = sql`
select ${columns}, c.reason, c.assumptions,
  coalesce((select jsonb_agg(p) from jsonb_array_elements(r.report -> 'policies' -> c.object) as p
    where p -> 'appliesTo' ? c.role and (p ->> 'command' in ('ALL', c.command)
      or (p ->> 'command' = 'SELECT' and c.command in ('UPDATE', 'DELETE')))), '[]') as policies,
  coalesce((select jsonb_agg(f) from (
    select ${findingColumns}
    from jsonb_array_elements(r.report -> 'findings') with ordinality as f (item, position)
    where f.item -> 'evidence' -> 'objects' ? c.object
      and coalesce(f.item ->> 'command', c.command) = c.command
      and coalesce(f.item ->> 'role', c.role) = c.role
    order by f.position limit 50) f), '[]') as findings
from ops.isolation_cells c join ops.isolation_runs r on r.id = c.run_id
where c.run_id = $1 and c.id = $2 and r.status = 'finished'`

/** One cell of a run. */
export async function findCell(
  db: Queryable,
  runId: string,
  cellId: string,
): Promise<CellDetail | undefined> {
  const { rows } = await db.query<CellDetail>(one.text, [runId, cellId])
  return rows[0]
}

/** What findings can be listed by. */
export type FindingSort = 'severity' | 'rule' | 'object'

/** The orders of the findings of a run; by severity the worst come first. */
export const findingOrders: SortOrders<FindingSort> = sortOrders(
  {
    severity: byInteger(
      sql`array_position(array['error', 'warning', 'info'], f.item ->> 'severity')`,
    ),
    rule: byText(sql`(f.item ->> 'rule')`),
    object: byText(sql`(f.item ->> 'object')`),
  },
  'severity',
  placeOf(sql`f.position`),
)

/** A page of the findings of a run; one more than the limit. */
export async function listFindings(
  db: Queryable,
  runId: string,
  filter: PageFilter<FindingSort> & { readonly severity: string | null },
): Promise<Sorted<FindingRow & { readonly id: string }>[]> {
  const page = pageSql(findingOrders, filter)
  const { rows } = await db.query<Sorted<FindingRow & { readonly id: string }>>(
    sql`select ${findingColumns}, f.position::text as id, ${page.column}
      from ops.isolation_runs r
      cross join jsonb_array_elements(r.report -> 'findings') with ordinality as f (item, position)
      where r.id = $4 and r.status = 'finished' and ${page.after}
        and ($5::text is null or f.item ->> 'severity' = $5) ${page.orderAndLimit}`.text,
    [...page.values, runId, filter.severity],
  )
  return rows
}
