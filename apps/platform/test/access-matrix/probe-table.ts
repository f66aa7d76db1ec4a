import type { Command } from 'watertight/model'
import type { Sql } from 'watertight/sql'
import { ident, joinSql, literal, sql } from 'watertight/sql'
import type { ActorSession, Outcome } from './actor-session.js'
import type { MatrixActor, MatrixFacts } from './expectation.js'
import { isAllowed } from './expectation.js'
import type { MatrixRow, MatrixTable } from './matrix-table.js'

/** One place where the database does not do what the access matrix says. */
export interface Mismatch {
  readonly table: string
  readonly actor: string
  readonly command: Command | 'row hop'
  /** `leak`: more than the matrix allows; `lost`: less. */
  readonly kind: 'leak' | 'lost'
  readonly detail: string
}

/** What a table was tried with, and what was allowed: a control against tests that test nothing. */
export interface ProbeResult {
  readonly mismatches: readonly Mismatch[]
  /** Commands that some actor was allowed on some row, and did. */
  readonly exercised: ReadonlySet<Command>
}

/** Tries every command on one table as one actor and compares with the access matrix. */
export async function probeTable(
  session: ActorSession,
  facts: MatrixFacts,
  actor: MatrixActor,
  table: MatrixTable,
): Promise<ProbeResult> {
  const probe = new TableProbe(session, facts, actor, table)
  await probe.select()
  await probe.update()
  await probe.delete()
  await probe.insert()
  await probe.hop()
  return probe
}

class TableProbe implements ProbeResult {
  readonly mismatches: Mismatch[] = []
  readonly exercised: Set<Command> = new Set()
  readonly #session: ActorSession
  readonly #facts: MatrixFacts
  readonly #actor: MatrixActor
  readonly #table: MatrixTable

  constructor(session: ActorSession, facts: MatrixFacts, actor: MatrixActor, table: MatrixTable) {
    this.#session = session
    this.#facts = facts
    this.#actor = actor
    this.#table = table
  }

  async select(): Promise<void> {
    const { id, sql: name } = this.#table
    this.#compare('SELECT', await this.#run({ statement: sql`select ${id} as id from ${name}` }))
  }

  /** Without WHERE and without reading a column, so that no SELECT policy hides what UPDATE lets through. */
  async update(): Promise<void> {
    const { id, sql: name, rows } = this.#table
    const column = neutralColumn(this.#table)
    const [row] = rows
    if (row === undefined) throw new Error(`${this.#table.name} has no rows`)
    const outcome = await this.#run({
      statement: sql`update ${name} set ${ident(column)} = ${valueOf(this.#table, row, column)}`,
      observe: sql`select ${id} as id from ${name} where xmin = pg_current_xact_id()::xid`,
    })
    this.#compare('UPDATE', outcome)
  }

  async delete(): Promise<void> {
    const { id, sql: name, rows } = this.#table
    const outcome = await this.#run({
      statement: sql`delete from ${name}`,
      observe: sql`select ${id} as id from ${name}`,
    })
    if (!outcome.ok) return this.#compare('DELETE', outcome)
    const left = new Set(outcome.rows.map((row) => row['id']))
    const deleted = rows.filter((row) => !left.has(row.id)).map((row) => ({ id: row.id }))
    return this.#compare('DELETE', { ...outcome, rows: deleted })
  }

  /** Takes a row away as the superuser and lets the actor put it back: only a policy can refuse that. */
  async insert(): Promise<void> {
    for (const row of this.#owners('INSERT')) {
      const outcome = await this.#reinsert(row)
      const detail = describe(row, outcome)
      if (this.#allows(row, 'INSERT')) {
        if (outcome.ok && outcome.count === 1) this.exercised.add('INSERT')
        else this.#report('INSERT', 'lost', detail)
      } else if (!isDenied(outcome)) this.#report('INSERT', 'leak', detail)
      // Without the privilege every row fares alike.
      if (isDenied(outcome) && !this.#mayInsertAnything()) break
    }
  }

  /**
   * Moves the own rows to every other owner. Without WHERE: a statement that reads the table has to
   * satisfy the SELECT policies with the new row too, which would hide a missing WITH CHECK.
   */
  async hop(): Promise<void> {
    const { ownershipColumns, rows, sql: name } = this.#table
    const hasOwn = rows.some((row) => this.#allows(row, 'UPDATE'))
    if (!hasOwn || ownershipColumns.length === 0) return
    for (const owner of this.#owners('UPDATE')) {
      const columns = ownershipColumns.map(
        (column) => sql`${ident(column)} = ${valueOf(this.#table, owner, column)}`,
      )
      const outcome = await this.#run({
        statement: sql`update ${name} set ${joinSql(columns)}`,
      })
      // A unique key is looked at after the policies: it does not count as a denial.
      const isAdmitted = outcome.ok ? outcome.count > 0 : outcome.sqlState.startsWith('23')
      const isWanted = this.#allows(owner, 'UPDATE')
      if (isAdmitted !== isWanted) {
        this.#report('row hop', isAdmitted ? 'leak' : 'lost', `to ${describe(owner, outcome)}`)
      }
    }
  }

  async #reinsert(row: MatrixRow): Promise<Outcome> {
    const { id, sql: name, relation } = this.#table
    const columns = joinSql(
      relation.columns
        .filter(({ generated }) => generated === null)
        .map((each) => ident(each.name)),
    )
    return this.#run({
      prepare: sql`delete from ${name} where ${id} = ${literal(row.id)}`,
      statement: sql`insert into ${name} (${columns}) overriding system value
        select ${columns} from ${recordOf(this.#table, row)}`,
    })
  }

  async #run(attempt: Parameters<ActorSession['run']>[1]): Promise<Outcome> {
    return this.#session.run(this.#actor, attempt)
  }

  /** A row of every owner; of a tenant in which the actor may do nothing, one row stands for all. */
  #owners(command: Command): readonly MatrixRow[] {
    const { rows } = this.#table
    const allowed = rows.filter((row) => this.#allows(row, command))
    const tenants = new Set(allowed.map((row) => row.tenant))
    const ownerOf = ({ tenant, orgUnit, user }: MatrixRow): string =>
      JSON.stringify(tenants.has(tenant) ? [tenant, orgUnit, user] : [tenant])
    return [...new Map(rows.map((row) => [ownerOf(row), row])).values()]
  }

  #mayInsertAnything(): boolean {
    return this.#table.rows.some((row) => this.#allows(row, 'INSERT'))
  }

  #allows(row: MatrixRow, command: Command): boolean {
    return isAllowed(this.#facts, this.#actor, this.#table, row, command)
  }

  #compare(command: Command, outcome: Outcome): void {
    const expected = this.#table.rows.filter((row) => this.#allows(row, command))
    const touched = new Set(outcome.ok ? outcome.rows.map((row) => row['id']) : [])
    const wanted = new Set<unknown>(expected.map((row) => row.id))
    const leaked = this.#table.rows.filter((row) => touched.has(row.id) && !wanted.has(row.id))
    const lost = expected.filter((row) => !touched.has(row.id))
    if (!outcome.ok && outcome.sqlState !== '42501') {
      this.#report(command, 'lost', `failed with ${outcome.sqlState}, which is no denial`)
    } else if (lost.length > 0) this.#report(command, 'lost', rowList(lost, outcome))
    if (leaked.length > 0) this.#report(command, 'leak', rowList(leaked, outcome))
    if (expected.length > 0 && lost.length === 0) this.exercised.add(command)
  }

  #report(command: Mismatch['command'], kind: Mismatch['kind'], detail: string): void {
    this.mismatches.push({
      table: this.#table.name,
      actor: this.#actor.name,
      command,
      kind,
      detail,
    })
  }
}

function isDenied(outcome: Outcome): boolean {
  return !outcome.ok && outcome.sqlState === '42501'
}

function describe({ tenant, orgUnit, user }: MatrixRow, outcome: Outcome): string {
  const result = outcome.ok ? `${outcome.count} rows` : outcome.sqlState
  return `tenant ${tenant}, org unit ${orgUnit}, user ${user}: ${result}`
}

function rowList(rows: readonly MatrixRow[], outcome: Outcome): string {
  const [first] = rows
  return `${rows.length} rows, such as ${first?.id ?? ''} of ${first ? describe(first, outcome) : ''}`
}

/** The row as a record of the table's type. */
function recordOf({ sql: name }: MatrixTable, { record }: MatrixRow): Sql {
  return sql`jsonb_populate_record(null::${name}, ${literal(JSON.stringify(record))}::jsonb)`
}

/** The value that the row has in the column, of the column's type. */
function valueOf(table: MatrixTable, row: MatrixRow, column: string): Sql {
  return sql`(${recordOf(table, row)}).${ident(column)}`
}

/** A column in which one value fits every row: no key, CHECK or unique index has to do with it. */
function neutralColumn({ relation, name }: MatrixTable): string {
  const keys = relation.constraints.filter(({ kind }) => kind !== 'not-null')
  const indexes = relation.indexes.filter(({ isUnique }) => isUnique)
  const words = indexes.flatMap(({ predicate }) => (predicate ?? '').split(/\W+/))
  const bound = new Set([...keys, ...indexes].flatMap<string | null>(({ columns }) => columns))
  const found = relation.columns.find(
    (column) =>
      !bound.has(column.name) &&
      !words.includes(column.name) &&
      column.generated === null &&
      column.identity === null,
  )
  if (found === undefined) throw new Error(`every column of ${name} is part of a key or a CHECK`)
  return found.name
}
