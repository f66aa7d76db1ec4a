import { WatertightError } from 'watertight/errors'
import { parseTenantContext } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import type { DemoActor } from '../demo-data/index.js'

/** What is counted, with the statement that an application would send: it names no tenant. */
const counts = {
  tenants: 'select count(*)::int as n from core.tenants',
  people: 'select count(*)::int as n from core.users',
  assets: 'select count(*)::int as n from sec.assets',
  exams: 'select count(*)::int as n from eval.evaluations',
  events: 'select count(*)::int as n from evt.events',
  audit: 'select count(*)::int as n from ops.audit_log',
  controls: 'select count(*)::int as n from sec.controls',
} as const

/** What one actor sees of a few tables: the number of rows, or null where the role has no access. */
export interface ActorView {
  readonly actor: DemoActor
  readonly counts: readonly (number | null)[]
}

/** The names of the columns of {@link ActorView.counts}. */
const countedTables: readonly string[] = Object.keys(counts)

/** Runs the same statements as every actor, through the transaction manager. */
export async function viewsOf(
  tx: TxManager,
  actors: readonly DemoActor[],
): Promise<readonly ActorView[]> {
  const views: ActorView[] = []
  for (const actor of actors) {
    const seen: (number | null)[] = []
    for (const statement of Object.values(counts)) seen.push(await countAs(tx, actor, statement))
    views.push({ actor, counts: seen })
  }
  return views
}

async function countAs(tx: TxManager, actor: DemoActor, statement: string): Promise<number | null> {
  try {
    const { rows } = await tx.query<{ n: number }>(parseTenantContext(actor.claims), statement)
    return rows[0]?.n ?? 0
  } catch (error) {
    if (error instanceof WatertightError && error.code === 'ACCESS_DENIED') return null
    throw error
  }
}

/** The table for people, one line per actor. */
export function renderViews(views: readonly ActorView[], noAccess: string): string[] {
  const names = views.map(({ actor }) => `${actor.name}, ${actor.what}`)
  const width = Math.max(0, ...names.map((name) => name.length))
  const line = (name: string, cells: readonly string[]): string =>
    [name.padEnd(width), ...cells.map((cell) => cell.padStart(7))].join(' ').trimEnd()
  const lines = views.map(({ counts: seen }, index) =>
    line(
      names[index] ?? '',
      seen.map((count) => (count === null ? noAccess : String(count))),
    ),
  )
  return [line('rows seen by', countedTables), ...lines]
}
