import { ident, sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Attack, Outcome, Probe } from '../../attack.js'
import { reinsertRow } from '../../copy-row.js'
import { nullableKey, ownerlessRow } from '../../ownerless-row.js'
import { foreignInsert } from '../foreign-insert/index.js'

/** Stores a row that every tenant sees. */
export const ownerlessInsert: Attack = {
  id: 'ownerless-insert',
  title: 'Stores a row without a tenant, which every tenant sees.',
  command: 'INSERT',
  context: 'own',
  applies: (input, target, role) =>
    nullableKey(target) !== null && input.access.can(role, 'SELECT', target.table.relation),
  run: async (probe) => {
    const { session } = probe
    const plain = await session.attempt(() => foreignInsert.run(probe))
    if (plain.kind === 'leak') return inconclusive('it leaks with rows of a tenant, too')
    const stored = await session.attempt(() => store(probe))
    return stored ?? (plain.kind === 'held' ? held : plain)
  },
}

async function store(probe: Probe): Promise<Outcome | null> {
  const key = nullableKey(probe.target)
  const rows = await ownerlessRow(probe)
  if (rows === null || key === null) return null
  const copy = await reinsertRow(probe, rows, probe.foreign, probe.context)
  if (typeof copy === 'string' || !copy.step.ok) return null
  const seen = await probe.session.as(
    probe.role,
    probe.context,
    sql`select from ${probe.target.name} r where r.${ident(key)} is null limit 1`,
  )
  if (!seen.ok || seen.rowCount === 0) return null
  const what =
    'a row that belongs to no tenant, and that all of them see, was stored by one of them'
  return { kind: 'leak', statement: copy.statement, what }
}
