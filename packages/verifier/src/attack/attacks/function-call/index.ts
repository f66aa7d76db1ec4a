import type { FunctionInfo, Relation } from 'watertight/catalog'
import { sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { calledFunctions } from '../../../expr/mentions.js'
import { tokenize } from '../../../expr/tokens.js'
import { disclosureReview } from '../../../graph/disclosures.js'
import { mentionedRelations } from '../../../graph/mentioned-relations.js'
import { objectName } from '../../../graph/object-name.js'
import { isCallSafe } from '../../../graph/side-effects.js'
import type { LintInput } from '../../../lint/rule.js'
import { held, inconclusive } from '../../attack.js'
import type { Outcome } from '../../attack.js'
import type { ObjectAttack, ObjectProbe } from '../../object-attack.js'
import type { PreparedRows } from '../../prepare-rows.js'
import { countRows, missingRows } from '../../samples.js'
import type { Target } from '../../target.js'
import { argumentSets, readSignature } from './arguments.js'
import type { Signature } from './arguments.js'
import { callOf, outputOf, removeForeign, signatureOf } from './call.js'

/** Calls a function as one tenant, with and without the other tenant's rows in the tables. */
export const functionCall: ObjectAttack = {
  id: 'function-call',
  title: 'Calls a function that runs as its owner with keys of another tenant.',
  withoutContext: true,
  subjects: (input, targets) =>
    input.catalog.functions.flatMap((fn) => {
      if (!isCandidate(input, fn)) return []
      const mentioned = mentionedRelations(input.catalog, fn)
      const touched = [...targets.values()].filter(
        ({ table }) => mentioned.has(table.name) && seesOtherwise(input, fn.owner, table.relation),
      )
      if (touched.length === 0) return []
      return [
        {
          object: signatureOf(fn).text,
          related: [...touched.map(({ table }) => table.name), ...callersOf(input, fn)],
          command: 'SELECT',
          isFor: (role) => input.access.canExecute(role, fn) && !input.access.canOwn(role, fn),
          run: (probe) => attack(probe, fn, touched),
        },
      ]
    }),
}

/** The owner is not bound by the policies, or by policies that name it. */
function seesOtherwise(input: LintInput, owner: string, relation: Relation): boolean {
  return (
    !relation.rls.enabled ||
    input.access.bypassesRls(owner, relation) ||
    input.access
      .policies(owner, 'SELECT', relation)
      .concat(input.access.policies(owner, 'UPDATE', relation))
      .some(({ permissive, roles }) => permissive && roles.length > 0)
  )
}

/** Views whose query, and tables whose policies, call the function. */
function callersOf(input: LintInput, fn: FunctionInfo): readonly string[] {
  const calls = (text: string | null): boolean =>
    text !== null && calledFunctions(tokenize(text)).includes(fn.name)
  return input.catalog.relations
    .filter(
      ({ definition, policies }) =>
        calls(definition) ||
        policies.some(({ using, withCheck }) => calls(using) || calls(withCheck)),
    )
    .map((relation) => objectName(relation))
}

function isCandidate(input: LintInput, fn: FunctionInfo): boolean {
  return (
    fn.securityDefiner &&
    fn.extension === null &&
    fn.schema !== 'watertight' &&
    (fn.kind === 'function' || fn.kind === 'procedure') &&
    fn.returns !== 'trigger' &&
    // What it tells is declared, and that it tells nothing else is shown.
    disclosureReview(input.model, input.catalog).conforming(fn) === null &&
    isCallSafe(input.catalog, fn)
  )
}

interface Prepared {
  readonly target: Target
  readonly rows: PreparedRows
}

async function attack(
  probe: ObjectProbe,
  fn: FunctionInfo,
  touched: readonly Target[],
): Promise<Outcome> {
  const signature = await readSignature(probe.session, fn)
  if (signature === null) return inconclusive('the function is gone')
  const prepared: Prepared[] = []
  for (const target of touched) {
    if (target.boundary !== 'tenant') continue
    if (await probe.isLarge(target)) return inconclusive('too many rows to take away; use a copy')
    const rows = await probe.rows(target)
    if (typeof rows !== 'string') prepared.push({ target, rows })
  }
  if (prepared.length === 0) return inconclusive('no rows of both sides can be made')
  let ran = false
  let refused: string | null = null
  for (const values of await argumentSets(probe, signature, prepared)) {
    const outcome = await tryCall(probe, fn, signature, values, prepared)
    if (outcome.kind === 'leak') return outcome
    if (outcome.kind === 'held') ran = true
    else refused = outcome.reason
  }
  return ran ? held : inconclusive(refused ?? 'no arguments are known for it')
}

async function tryCall(
  probe: ObjectProbe,
  fn: FunctionInfo,
  signature: Signature,
  values: readonly string[],
  prepared: readonly Prepared[],
): Promise<Outcome> {
  const { session } = probe
  const statement = callOf(fn, signature, values.length)
  const run = (): ReturnType<typeof session.as> =>
    session.as(probe.role, probe.context, statement, values)

  const first = await session.attempt(async () => {
    const before = await foreignCounts(probe, prepared)
    const step = await run()
    if (!step.ok) return step.sqlState
    const changed = await foreignChanges(probe, prepared, before)
    return { output: outputOf(step), changed }
  })
  if (typeof first === 'string') return inconclusive(`every call fails, the last with ${first}`)
  if (first.changed) return leak(statement, 'rows of another tenant were changed')

  if (!probe.isSuperuser) return inconclusive('rows cannot be taken away to compare')
  const output = async (without: boolean): Promise<string | null> =>
    session.attempt(async () => {
      if (without && !(await removeForeign(probe, prepared))) return null
      const step = await run()
      return step.ok ? outputOf(step) : step.sqlState
    })
  const without = await output(true)
  if (without === null || without === first.output) return held
  // What differs from call to call by itself says nothing.
  if ((await output(false)) !== first.output || (await output(true)) !== without) return held
  return leak(statement, 'its answer depends on rows of another tenant')
}

async function foreignCounts(
  probe: ObjectProbe,
  prepared: readonly Prepared[],
): Promise<readonly number[]> {
  const counts: number[] = []
  for (const { target } of prepared) {
    counts.push(await countRows(probe.session, target, probe.pair.foreign.tenant))
  }
  return counts
}

async function foreignChanges(
  probe: ObjectProbe,
  prepared: readonly Prepared[],
  before: readonly number[],
): Promise<boolean> {
  for (const [index, { target, rows }] of prepared.entries()) {
    const count = await countRows(probe.session, target, probe.pair.foreign.tenant)
    if (count !== before[index]) return true
    if ((await missingRows(probe.session, target, rows.foreign)) > 0) return true
  }
  return false
}

function leak(statement: Sql, what: string): Outcome {
  return { kind: 'leak', statement: sql`${statement}`, what }
}
