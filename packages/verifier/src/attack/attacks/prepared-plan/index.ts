import { randomInt } from 'node:crypto'
import { ident, literal, sql } from 'watertight/sql'
import { calledFunctions } from '../../../expr/mentions.js'
import type { LintInput } from '../../../lint/rule.js'
import { held, inconclusive } from '../../attack.js'
import type { Outcome } from '../../attack.js'
import type { ObjectAttack, ObjectProbe } from '../../object-attack.js'
import { policyReach } from '../../policy-text/policy-reach.js'
import { keyOn } from '../../principals.js'
import { notPublic } from '../../public-rows.js'
import type { Target } from '../../target.js'

/** A statement of a pooled connection, prepared for one tenant and executed for the next. */
export const preparedPlan: ObjectAttack = {
  id: 'prepared-plan',
  title: 'Executes for one tenant a statement whose plan was made for another.',
  subjects: (input, targets) =>
    [...targets.values()].map((target) => ({
      object: target.table.name,
      related: [],
      command: 'SELECT',
      isFor: (role) =>
        input.access.can(role, 'SELECT', target.table.relation) && mayKeep(input, target, role),
      run: (probe) => attack(probe, target),
    })),
}

/** Only what is computed when a statement is planned stays in its plan. */
function mayKeep(input: LintInput, target: Target, role: string): boolean {
  const called = new Set(
    policyReach(input, target.table.relation, role, 'SELECT').all.flatMap(calledFunctions),
  )
  return input.catalog.functions.some(
    ({ name, volatility, extension }) =>
      volatility === 'immutable' && extension === null && called.has(name),
  )
}

async function attack(probe: ObjectProbe, target: Target): Promise<Outcome> {
  const { session, role, context, foreignContext, pair } = probe
  const key = keyOn(target, pair.foreign)
  const hidden = notPublic(target)
  if (foreignContext === null || key === null) return inconclusive('no context of the victim')
  if (hidden === null) return inconclusive('every row is declared public')
  const rows = await probe.rows(target)
  if (typeof rows === 'string') return inconclusive(rows)
  // No savepoint holds prepared statements, so that this one is taken away by its name.
  const name = ident(`watertight_plan_${randomInt(2 ** 40)}`)
  const select = sql`select from ${target.name} r where ${target.key} = ${literal(key)}::${target.keyType} and ${hidden} limit 1`
  const plain = await session.attempt(() => session.as(role, context, select))
  if (!plain.ok || plain.rowCount > 0) {
    return inconclusive(
      plain.ok ? 'it leaks without a prepared statement' : `reading fails with ${plain.sqlState}`,
    )
  }
  const outcome = await session.attempt(async (): Promise<Outcome> => {
    const made = await session.as(role, foreignContext, sql`prepare ${name} as ${select}`)
    const first = made.ok ? await session.as(role, foreignContext, sql`execute ${name}`) : made
    if (!first.ok) return inconclusive(`a prepared statement fails with ${first.sqlState}`)
    if (first.rowCount === 0) return inconclusive('the victim does not see its own rows')
    const next = await session.as(role, context, sql`execute ${name}`)
    if (!next.ok) return inconclusive(`the attack fails with ${next.sqlState}`)
    if (next.rowCount === 0) return held
    const what =
      'a prepared statement that ran for another tenant shows that tenant’s rows to the next one'
    return { kind: 'leak', statement: sql`prepare … as ${select}`, what }
  })
  await session.keep(() => session.admin(sql`deallocate ${name}`))
  return outcome
}
