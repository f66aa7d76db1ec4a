import type { Trigger } from '../../catalog/index.js'
import { ident, qualifiedName, sql, trustedSql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import { functionStepId, kernelSchema } from '../kernel/function-shape.js'
import { forgetKeys, keyMemory } from '../kernel/key-memory.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { makeStep } from '../step.js'

const keys = { schema: kernelSchema, name: 'signing_keys' } as const
const table = qualifiedName(keys.schema, keys.name)
const name = `watertight_${forgetKeys}`

/** The id of the step about the trigger; the function that it calls is dropped after it. */
export const keyMemoryStepId: string = `trigger:${kernelSchema}.${keys.name}:${name}`

/** As `pg_get_triggerdef` prints it, but for the case. */
const createTrigger = sql`create trigger ${ident(name)} after delete or update or truncate on ${table} for each statement execute function ${qualifiedName(kernelSchema, forgetKeys)}()`
/** Replicated changes count as well. */
const enableAlways = sql`alter table ${table} enable always trigger ${ident(name)}`
const dropTrigger = sql`drop trigger ${ident(name)} on ${table}`

/**
 * What sessions remember of keys is what the table says: the functions that remember are among the
 * `genuine` ones, and the one trigger of `watertight.signing_keys` makes them forget keys that end.
 *
 * @example
 * ```ts
 * isKeyMemoryGenuine(signingKeys.triggers, genuineFunctions(model, snapshot))
 * ```
 */
export function isKeyMemoryGenuine(
  triggers: readonly Trigger[],
  genuine: ReadonlySet<string>,
): boolean {
  const [trigger, ...others] = triggers
  const isAlone = trigger !== undefined && others.length === 0
  return isAlone && isGenuine(trigger) && keyMemory.every(({ name: of }) => genuine.has(of))
}

function isGenuine(trigger: Trigger): boolean {
  const { definition, enabled } = trigger
  return (
    trigger.name === name &&
    trigger.function.schema === kernelSchema &&
    trigger.function.name === forgetKeys &&
    enabled === 'always' &&
    definition.toLowerCase() === createTrigger.text
  )
}

function firing({ enabled }: Trigger): Sql {
  const clauses = { origin: '', disabled: '', replica: ' replica', always: ' always' } as const
  const verb = enabled === 'disabled' ? 'disable' : 'enable'
  return sql`alter table ${table} ${trustedSql(verb + clauses[enabled])} trigger ${ident(name)}`
}

/** The trigger by which sessions learn that a key has ended. */
export function planKeyMemory({ model, snapshot }: Planning): readonly Step[] {
  const isWanted = model.context.kind === 'signed'
  const existing = snapshot.relations
    .find((relation) => relation.schema === keys.schema && relation.name === keys.name)
    ?.triggers.find((trigger) => trigger.name === name)
  if (isWanted ? existing !== undefined && isGenuine(existing) : existing === undefined) return []
  const before: readonly Sql[] = existing === undefined ? [] : [dropTrigger]
  const after: readonly Sql[] = isWanted ? [createTrigger, enableAlways] : []
  return [
    makeStep({
      id: keyMemoryStepId,
      object: table.text,
      summary: isWanted ? 'let sessions forget keys that end' : 'let sessions remember no keys',
      up: [...before, ...after],
      down: [
        ...(isWanted ? [dropTrigger] : []),
        ...(existing === undefined ? [] : [trustedSql(existing.definition), firing(existing)]),
      ],
      requires: isWanted ? [`table:${keys.schema}.${keys.name}`, functionStepId(forgetKeys)] : [],
    }),
  ]
}
