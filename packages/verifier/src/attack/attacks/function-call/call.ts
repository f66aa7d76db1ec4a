import type { FunctionInfo } from 'watertight/catalog'
import { ident, integer, joinSql, qualifiedName, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { ObjectProbe } from '../../object-attack.js'
import type { StepResult } from '../../session.js'
import type { Target } from '../../target.js'
import type { Signature } from './arguments.js'

/** `schema.name(arguments)`. */
export function signatureOf(fn: FunctionInfo): Sql {
  return sql`${qualifiedName(fn.schema, fn.name)}(${trustedSql(fn.identityArguments)})`
}

/**
 * The call with one parameter per argument given.
 *
 * @example
 * ```ts
 * callOf(fn, signature, 1).text
 * // select to_jsonb(r) as r from app.find($1::text) r limit 2000
 * ```
 */
export function callOf(fn: FunctionInfo, signature: Signature, given: number): Sql {
  const args = joinSql(
    signature.inputs
      .slice(0, given)
      .map(({ type }, index) => sql`$${integer(index + 1)}::text::${trustedSql(type)}`),
  )
  const name = qualifiedName(fn.schema, fn.name)
  if (fn.kind === 'procedure') return sql`call ${name}(${args})`
  return sql`select to_jsonb(${ident('r')}) as r from ${name}(${args}) ${ident('r')} limit 2000`
}

/** What a call gave back, for comparison only: it is never shown. */
export function outputOf(step: StepResult): string {
  if (!step.ok) return step.sqlState
  return step.rows
    .map((row) => JSON.stringify(row))
    .toSorted()
    .join('\n')
}

/** Takes the victim's rows out of the tables, as the connected role and past triggers. */
export async function removeForeign(
  probe: ObjectProbe,
  prepared: readonly { readonly target: Target }[],
): Promise<boolean> {
  await probe.session.admin(sql`set local session_replication_role = replica`)
  for (const { target } of prepared) {
    const removed = await probe.session.admin(
      sql`delete from ${target.name} r where ${target.key} = $1::${target.keyType}`,
      [probe.pair.foreign.tenant],
    )
    if (!removed.ok) return false
  }
  const back = await probe.session.admin(sql`set local session_replication_role = origin`)
  return back.ok
}
