import { sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Outcome } from '../../attack.js'
import type { ObjectAttack, ObjectProbe } from '../../object-attack.js'
import type { Target } from '../../target.js'

/** Something of the server's own that holds what is in tables. */
interface Internal {
  readonly object: string
  readonly what: string
  readonly statement: Sql
}

const path = sql`pg_catalog.pg_relation_filepath($1::regclass)`
const inFile = 'it reads the files of the server that tables lie in, past policies and grants'
const inStatistics = 'it reads values of every tenant’s rows in the planner’s statistics'

/** What only superusers may read on a server as it comes. */
const internals: readonly Internal[] = [
  {
    object: 'pg_catalog.pg_statistic',
    what: inStatistics,
    statement: sql`select from pg_catalog.pg_statistic where starelid = $1::regclass`,
  },
  {
    object: 'pg_catalog.pg_statistic_ext_data',
    what: inStatistics,
    statement: sql`select from pg_catalog.pg_statistic_ext_data d join pg_catalog.pg_statistic_ext s on s.oid = d.stxoid where s.stxrelid = $1::regclass`,
  },
  {
    object: 'pg_catalog.pg_read_binary_file(text)',
    what: inFile,
    statement: sql`select from pg_catalog.pg_read_binary_file(${path})`,
  },
  {
    object: 'pg_catalog.pg_read_binary_file(text, bigint, bigint)',
    what: inFile,
    statement: sql`select from pg_catalog.pg_read_binary_file(${path}, 0, 1)`,
  },
  {
    object: 'pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)',
    what: inFile,
    statement: sql`select from pg_catalog.pg_read_binary_file(${path}, 0, 1, true)`,
  },
  {
    object: 'pg_catalog.pg_read_file(text, bigint, bigint)',
    what: inFile,
    statement: sql`select from pg_catalog.pg_read_file(${path}, 0, 0)`,
  },
]

/** Reads tables where the server keeps them, by rights that it gives nobody of itself. */
export const serverInternals: ObjectAttack = {
  id: 'server-internals',
  title: 'Reads the files and statistics of the server, in which rows of every tenant are.',
  subjects: (input, targets) => {
    const target = [...targets.values()].find(({ table }) => table.relation.kind === 'table')
    if (target === undefined) return []
    return internals.map((internal) => ({
      object: internal.object,
      related: [],
      command: 'SELECT' as const,
      isFor: (role: string) => !input.access.isSuperuser(role),
      run: (probe: ObjectProbe) => attack(probe, internal, target),
    }))
  },
}

async function attack(
  { session, role, context }: ObjectProbe,
  { statement, what }: Internal,
  { name }: Target,
): Promise<Outcome> {
  const step = await session.attempt(() => session.as(role, context, statement, [name.text]))
  if (step.ok) return { kind: 'leak', statement, what }
  return step.sqlState === '42501' ? held : inconclusive(`it fails with ${step.sqlState}`)
}
