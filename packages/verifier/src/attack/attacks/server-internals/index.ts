import { sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Outcome } from '../../attack.js'
import type { ObjectAttack, ObjectProbe, ObjectSubject } from '../../object-attack.js'
import type { Target } from '../../target.js'
import { changeSettings, readLargeObjects } from './settings-of-server.js'

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
    object: 'pg_catalog.pg_authid',
    what: 'it reads what the passwords of all roles are checked by',
    statement: sql`select a.rolpassword from pg_catalog.pg_authid a, (select $1::regclass) t limit 1`,
  },
  {
    object: 'pg_catalog.pg_largeobject',
    what: 'it reads the large objects of every tenant, past their privileges',
    statement: sql`select l.data from pg_catalog.pg_largeobject l, (select $1::regclass) t limit 1`,
  },
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

/**
 * Functions that nobody but superusers may run on a server as it comes, by their exact arguments, and
 * what they do. Running them would show or change files, so that the right to is what is asked for.
 */
const guarded: readonly (readonly [what: string, ...signatures: readonly string[]])[] = [
  ['it reads files of the server', 'pg_read_file(text)', 'pg_read_file(text, boolean)'],
  ['it reads files of the server', 'pg_read_file(text, bigint, bigint, boolean)'],
  ['it reads files of the server', 'pg_read_binary_file(text, boolean)'],
  ['it copies files of the server into the database', 'lo_import(text)', 'lo_import(text, oid)'],
  ['it writes files of the server', 'lo_export(oid, text)'],
  ['it lists the files of the server', 'pg_ls_dir(text)', 'pg_ls_dir(text, boolean, boolean)'],
  ['it lists the files of the server', 'pg_ls_logdir()', 'pg_ls_waldir()', 'pg_ls_tmpdir()'],
  ['it lists the files of the server', 'pg_ls_tmpdir(oid)', 'pg_ls_archive_statusdir()'],
  ['it tells of the files of the server', 'pg_stat_file(text)', 'pg_stat_file(text, boolean)'],
  [
    'it lists the replication that carries the rows of every tenant',
    'pg_show_replication_origin_status()',
  ],
]

const mayRun = sql`select from pg_catalog.pg_proc p where p.oid = pg_catalog.to_regprocedure($2) and pg_catalog.has_function_privilege($1, p.oid, 'EXECUTE')`

/** Servers that the role may connect to as somebody whose password the database keeps for it. */
const mappedServers = sql`select s.srvname::text as name from pg_catalog.pg_foreign_server s
  where pg_catalog.has_server_privilege($1, s.oid, 'USAGE')
    and exists (select from pg_catalog.pg_user_mapping m
      where m.umserver = s.oid and (m.umuser = 0 or pg_catalog.pg_has_role($1, nullif(m.umuser, 0), 'USAGE')))
    and (exists (select from pg_catalog.pg_namespace n
        where n.nspname !~ '^pg_' and pg_catalog.has_schema_privilege($1, n.oid, 'CREATE'))
      or exists (select from pg_catalog.pg_proc p join pg_catalog.pg_depend d on d.objid = p.oid and d.deptype = 'e'
        join pg_catalog.pg_extension e on e.oid = d.refobjid and e.extname = 'dblink'
        where p.proname = 'dblink_connect' and pg_catalog.has_function_privilege($1, p.oid, 'EXECUTE')))
  order by 1`

/** Reads tables where the server keeps them, by rights that it gives nobody of itself. */
export const serverInternals: ObjectAttack = {
  id: 'server-internals',
  title: 'Reads the files and statistics of the server, in which rows of every tenant are.',
  subjects: (input, targets) => {
    const target = [...targets.values()].find(({ table }) => table.relation.kind === 'table')
    if (target === undefined) return []
    const subject = (
      object: string,
      run: (probe: ObjectProbe) => Promise<Outcome>,
    ): ObjectSubject => ({
      object,
      related: [],
      command: 'SELECT',
      isFor: (role) => !input.access.isSuperuser(role),
      run,
    })
    return [
      ...internals.map((internal) =>
        subject(internal.object, (probe) => attack(probe, internal, target)),
      ),
      ...guarded.flatMap(([what, ...signatures]) =>
        signatures.map((signature) =>
          subject(`pg_catalog.${signature}`, (probe) =>
            ask(probe, `pg_catalog.${signature}`, what),
          ),
        ),
      ),
      subject('foreign servers', connect),
      subject('settings of the server', changeSettings),
      subject('large objects', readLargeObjects),
    ]
  },
}

async function ask(
  { session, role }: ObjectProbe,
  signature: string,
  what: string,
): Promise<Outcome> {
  const found = await session.admin(mayRun, [role, signature])
  if (!found.ok) return inconclusive(`the catalog cannot be asked (${found.sqlState})`)
  if (found.rowCount === 0) return held
  return { kind: 'leak', statement: mayRun, what: `${role} may run it: ${what}, past all policies` }
}

async function connect({ session, role }: ObjectProbe): Promise<Outcome> {
  const found = await session.admin(mappedServers, [role])
  if (!found.ok) return inconclusive(`the catalog cannot be asked (${found.sqlState})`)
  const names = found.rows.map(({ name }) => String(name))
  if (names.length === 0) return held
  const what = `${role} may connect to ${names.join(', ')} as the user of a mapping that is kept for it, whoever its tenant is`
  return {
    kind: 'leak',
    statement: mappedServers,
    what,
    related: names.map((name) => `server ${name}`),
  }
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
