import type { Column, Relation } from 'watertight/catalog'
import { ident, integer, joinSql, qualifiedName, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { mentionsName } from '../../expr/mentions.js'
import type { Probe } from '../attack.js'
import type { PolicyReach } from '../policy-text/policy-reach.js'
import type { StepResult } from '../session.js'
import { insertRow } from '../synthesis/insert-row.js'
import type { Values } from '../synthesis/values.js'
import { linkingValues, takes } from './key-pairs.js'

/** One statement with which the role might give itself more than it has. */
export interface SelfWrite {
  readonly statement: Sql
  /** Runs it as the role, inside an attempt; false when it was refused or did nothing. */
  run(): Promise<boolean>
}

const mostRows = 1_000

/** Updates and inserts of a table that policies read, by which the role might admit itself. */
export function selfWrites(
  probe: Probe,
  relation: Relation,
  reach: PolicyReach,
): readonly SelfWrite[] {
  const { access } = probe.input
  const writes: SelfWrite[] = []
  const updatable = new Set(access.columns(probe.role, 'UPDATE', relation))
  // A column that nothing on the way mentions cannot open anything.
  const decisive = relation.columns.filter(
    ({ name }) =>
      updatable.has(name) && reach.all.some((tokens) => mentionsName(tokens, new Set([name]))),
  )
  for (const column of decisive) {
    for (const value of promotions(probe, column, reach)) {
      writes.push(update(probe, relation, column, value))
    }
  }
  const insertable = access.columns(probe.role, 'INSERT', relation)
  if (insertable.length > 0) {
    for (const link of linkingValues(probe, relation)) {
      writes.push(insert(probe, relation, link, insertable))
    }
  }
  return writes
}

/** Values that say more than what is there: another tenant, true, a label, a constant that is asked for. */
function promotions(probe: Probe, column: Column, reach: PolicyReach): readonly string[] {
  if (column.generated !== null || column.identity === 'always') return []
  if (column.baseType === 'boolean') return ['true']
  const labels = probe.input.catalog.enums.find(
    ({ name }) => name === column.baseType.replace(/^.*\./, '').replaceAll('"', ''),
  )?.labels
  if (labels !== undefined) return labels.slice(0, 12)
  const { tenant } = probe.foreignPrincipal
  const values = takes(column, tenant) ? [tenant] : []
  if (column.baseType.endsWith('[]')) return [`{${tenant}}`]
  if (!/^(text|character varying)/.test(column.baseType)) return values
  const literals = reach.all.flat().filter((token) => token.kind === 'string')
  return [...new Set([...values, ...literals.map(({ text }) => text)])].slice(0, 12)
}

function update(probe: Probe, relation: Relation, column: Column, value: string): SelfWrite {
  const { session, role, context } = probe
  const name = qualifiedName(relation.schema, relation.name)
  const statement = sql`update ${name} set ${ident(column.name)} = $1`
  const one = sql`update ${name} set ${ident(column.name)} = $1 where ctid in (select ctid from ${name} limit 1)`
  return {
    statement,
    run: async () => {
      const size = await session.admin(sql`select from ${name} limit ${integer(mostRows + 1)}`)
      if (!size.ok || size.rowCount > mostRows) return false
      const blind = await session.keep(() => session.as(role, context, statement, [value]))
      if (worked(blind)) return true
      return worked(await session.keep(() => session.as(role, context, one, [value])))
    },
  }
}

/** The row is made once as the connected role, which settles every constraint, and then by the role. */
function insert(
  probe: Probe,
  relation: Relation,
  link: Values,
  insertable: readonly string[],
): SelfWrite {
  const { session, role, context } = probe
  const name = qualifiedName(relation.schema, relation.name)
  const links = Object.keys(link)
  return {
    statement: sql`insert into ${name} (${joinSql(links.map((column) => ident(column)))}) values (${joinSql(links.map((_, index) => sql`$${integer(index + 1)}`))})`,
    run: async () => {
      const made = await insertRow(probe.synthesis(probe.foreignPrincipal), relation, link)
      if (typeof made === 'string') return false
      const where = links.map(
        (column, index) => sql`${ident(column)}::text = $${integer(index + 1)}`,
      )
      await session.admin(
        sql`delete from ${name} where ${where.reduce((left, right) => sql`${left} and ${right}`)}`,
        Object.values(link),
      )
      const columns = relation.columns.filter(
        (column) => column.generated === null && insertable.includes(column.name),
      )
      for (const values of [made, ...variants(probe, columns, made)]) {
        const list = joinSql(columns.map((column) => ident(column.name)))
        const places = joinSql(columns.map((_, index) => sql`$${integer(index + 1)}`))
        const step = await session.keep(() =>
          session.as(
            role,
            context,
            sql`insert into ${name} (${list}) overriding system value values (${places})`,
            columns.map((column) => values[column.name] ?? null),
          ),
        )
        if (worked(step)) return true
      }
      return false
    },
  }
}

/** The same row with other labels: a policy may keep the highest one back. */
function variants(probe: Probe, columns: readonly Column[], made: Values): readonly Values[] {
  return columns.flatMap((column) => {
    const labels = probe.input.catalog.enums.find(
      ({ name }) => name === column.baseType.replace(/^.*\./, '').replaceAll('"', ''),
    )?.labels
    return (labels ?? []).slice(0, 8).map((label) => ({ ...made, [column.name]: label }))
  })
}

function worked(step: StepResult): boolean {
  return step.ok && step.rowCount > 0
}
