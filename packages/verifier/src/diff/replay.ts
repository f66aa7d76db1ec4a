import type { Relation } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import { ident, joinSql, literal, qualifiedName, sql } from 'watertight/sql'
import type { Queryable, Sql } from 'watertight/sql'
import { defaultLimits, inRolledBackTransaction } from '../attack/session.js'
import type { ProbeSession, StepResult } from '../attack/session.js'
import { insertRow } from '../attack/synthesis/insert-row.js'
import type { Synthesis } from '../attack/synthesis/synthesis.js'
import type { Values } from '../attack/synthesis/values.js'
import { relationNamed } from '../graph/relation-named.js'
import type { Subject } from '../prove/encode/encoding.js'
import type { DiffTrial } from './diff-result.js'
import { asReplica, matchCondition, matching, storing } from './trial-statements.js'
import type { Candidate, ComparedCell } from './compare-policies.js'

/** A database on which examples are tried, in transactions that are rolled back. */
export interface ReplaySide {
  /**
   * Opens a connection of its own: in one that had a setting it is the empty text and never unset
   * again.
   */
  readonly connect: () => Promise<ReplayConnection>
  readonly subject: Subject
}

export interface ReplayConnection {
  readonly db: Queryable
  close(): Promise<void>
}

/** What the server said to the example. */
export type Answer =
  | {
      readonly kind: 'allowed' | 'denied'
      readonly statement: string
      readonly trial: DiffTrial | null
    }
  | { readonly kind: 'impossible'; readonly reason: string }

/** Makes the rows of an example as the connected role and runs the command on them as the role. */
export async function replay(
  { connect, subject }: ReplaySide,
  relation: Relation | null,
  cell: ComparedCell,
  candidate: Candidate,
): Promise<Answer> {
  if (relation === null)
    return { kind: 'denied', statement: 'there is no such relation', trial: null }
  if (!subject.catalog.roles.some(({ name }) => name === cell.role)) {
    return { kind: 'denied', statement: 'there is no such role', trial: null }
  }
  if (!subject.catalog.server.isSuperuser) {
    return { kind: 'impossible', reason: 'the connected role is no superuser' }
  }
  const { db, close } = await connect()
  try {
    return await replayOn(db, subject, relation, cell, candidate)
  } finally {
    await close()
  }
}

function replayOn(
  db: Queryable,
  subject: Subject,
  relation: Relation,
  cell: ComparedCell,
  candidate: Candidate,
): Promise<Answer> {
  return inRolledBackTransaction(db, defaultLimits, async (session) => {
    // Policies are compared, not triggers and foreign keys; superuser only, and rolled back.
    await session.admin(asReplica)
    const setup: Sql[] = [asReplica]
    const synthesis = synthesisOn(subject, session)
    for (const row of candidate.rows) {
      if (isSubject(row.label)) continue
      const other = relationNamed(subject.catalog, row.relation)
      if (other === undefined) continue
      const made = await insertRow(synthesis, other, existing(other, row.values))
      // A key that is taken: the same row stands for two of the example.
      if (typeof made === 'string' && !made.includes('(23505')) return impossible(made)
      if (typeof made !== 'string') setup.push(...storing(other, made))
    }
    return tried(session, { subject, synthesis, setup }, relation, cell, candidate)
  })
}

function isSubject(label: string): boolean {
  return label === 'row' || label === 'old row' || label === 'new row'
}

function impossible(reason: string): Answer {
  return { kind: 'impossible', reason }
}

function synthesisOn(subject: Subject, session: ProbeSession): Synthesis {
  let last = 40_000_000
  return {
    catalog: subject.catalog,
    session,
    targets: new Map(),
    tenant: '00000000-0000-4000-8000-000000000001',
    user: null,
    memberships: null,
    serial: () => (last += 1),
  }
}

/** The values of columns that the relation has and that can be stored. */
function existing(relation: Relation, values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) =>
      relation.columns.some((column) => column.name === name && column.generated === null),
    ),
  )
}

interface Stage {
  readonly subject: Subject
  readonly synthesis: Synthesis
  /** Statements that made the rows so far. */
  readonly setup: Sql[]
}

async function tried(
  session: ProbeSession,
  { subject, synthesis, setup }: Stage,
  relation: Relation,
  { role, command }: ComparedCell,
  { rows, settings }: Candidate,
): Promise<Answer> {
  const valuesOf = (label: string): Values =>
    existing(relation, rows.find((row) => row.label === label)?.values ?? {})
  const made = await insertRow(
    synthesis,
    relation,
    valuesOf(command === 'UPDATE' ? 'old row' : command === 'INSERT' ? 'new row' : 'row'),
  )
  if (typeof made === 'string') return impossible(made)
  const context = Object.entries(settings).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  )
  const name = qualifiedName(relation.schema, relation.name)
  if (command !== 'INSERT') setup.push(...storing(relation, made))
  const answer = (step: StepResult, statement: Sql, isAllowed: boolean): Answer => {
    if (!step.ok && /^(23|0A|55|57|53)/.test(step.sqlState)) {
      // It says nothing of policies.
      return impossible(`the statement fails for another reason (${step.sqlState})`)
    }
    const isWrite = command === 'UPDATE' || command === 'DELETE'
    const trial: DiffTrial = {
      setup: setup.map(({ text }) => text),
      role,
      command,
      statement: statement.text,
      remains: isWrite ? matching(relation, made).text : null,
    }
    return { kind: isAllowed ? 'allowed' : 'denied', statement: statement.text, trial }
  }
  const place = await placeOf(session, name, made)
  if (place === undefined) return impossible('the row that was made cannot be found again')
  const run = (statement: Sql, values: readonly unknown[] = []): Promise<StepResult> =>
    session.keep(() => session.as(role, context, statement, values))
  switch (command) {
    case 'SELECT': {
      const statement = sql`select from ${name} r where r.tableoid = $1::oid and r.ctid = $2::tid`
      const step = await run(statement, place)
      const readable = subject.access.columns(role, 'SELECT', relation)
      return answer(step, matching(relation, made, readable), step.ok && step.rowCount > 0)
    }
    case 'DELETE': {
      if (!(await isSmall(session, name))) return impossible(tooLarge)
      const step = await run(sql`delete from ${name}`)
      return answer(
        step,
        sql`delete from ${name}`,
        step.ok && !(await isThere(session, name, place)),
      )
    }
    case 'UPDATE': {
      if (!(await isSmall(session, name))) return impossible(tooLarge)
      const statement = updateOf(subject, relation, role, valuesOf('new row'))
      if (statement === undefined) return impossible('the role may update no column')
      const step = await run(statement)
      return answer(step, statement, step.ok && !(await isThere(session, name, place)))
    }
    case 'INSERT': {
      await session.admin(
        sql`delete from ${name} r where r.tableoid = $1::oid and r.ctid = $2::tid`,
        place,
      )
      const statement = insertOf(subject, relation, role, made)
      const step = await run(statement)
      return answer(step, statement, step.ok)
    }
  }
}

const tooLarge = 'the table holds many rows, which a blind write would lock; compare copies instead'

async function placeOf(
  session: ProbeSession,
  name: Sql,
  made: Values,
): Promise<readonly unknown[] | undefined> {
  const found = await session.admin(
    sql`select r.tableoid::text as oid, r.ctid::text as place from ${name} r where ${matchCondition(made)} order by r.ctid desc limit 1`,
  )
  const row = found.ok ? found.rows[0] : undefined
  return row && [row['oid'], row['place']]
}

async function isThere(
  session: ProbeSession,
  name: Sql,
  place: readonly unknown[],
): Promise<boolean> {
  const found = await session.admin(
    sql`select from ${name} r where r.tableoid = $1::oid and r.ctid = $2::tid`,
    place,
  )
  return found.ok && found.rowCount > 0
}

async function isSmall(session: ProbeSession, name: Sql): Promise<boolean> {
  const found = await session.admin(sql`select from ${name} limit 1001`)
  return found.ok && found.rowCount <= 1000
}

/** An UPDATE without WHERE, which no SELECT policy narrows. */
function updateOf(
  subject: Subject,
  relation: Relation,
  role: string,
  values: Values,
): Sql | undefined {
  const assignable = assignableColumns(subject, relation, role, 'UPDATE')
  const changed = Object.entries(values).filter(([name]) => assignable.includes(name))
  const first = assignable[0]
  const parts =
    changed.length > 0
      ? changed.map(([name, value]) =>
          value === null ? sql`${ident(name)} = null` : sql`${ident(name)} = ${literal(value)}`,
        )
      : first === undefined
        ? []
        : [sql`${ident(first)} = default`]
  if (parts.length === 0) return undefined
  return sql`update ${qualifiedName(relation.schema, relation.name)} set ${joinSql(parts)}`
}

function insertOf(subject: Subject, relation: Relation, role: string, made: Values): Sql {
  const allowed = assignableColumns(subject, relation, role, 'INSERT')
  const entries = Object.entries(made).filter(([name]) => allowed.includes(name))
  const names = joinSql(entries.map(([name]) => ident(name)))
  const values = joinSql(entries.map(([, value]) => (value === null ? sql`null` : literal(value))))
  const name = qualifiedName(relation.schema, relation.name)
  const overriding = relation.columns.some(({ identity }) => identity !== null)
    ? sql` overriding system value`
    : sql``
  return sql`insert into ${name} (${names})${overriding} values (${values})`
}

function assignableColumns(
  { access }: Subject,
  relation: Relation,
  role: string,
  privilege: Extract<Command, 'INSERT' | 'UPDATE'>,
): readonly string[] {
  return access
    .columns(role, privilege, relation)
    .filter((name) =>
      relation.columns.some(
        (column) =>
          column.name === name &&
          column.generated === null &&
          (privilege === 'INSERT' || column.identity !== 'always'),
      ),
    )
}
