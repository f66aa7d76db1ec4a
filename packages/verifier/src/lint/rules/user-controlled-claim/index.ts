import type { CatalogSnapshot, Policy } from 'watertight/catalog'
import { mayDependOnContext } from '../../../expr/depends-on-context.js'
import { printExpression } from '../../../expr/index.js'
import { calledFunctions, hasSubselect, mentionsName } from '../../../expr/mentions.js'
import { tokenize } from '../../../expr/tokens.js'
import type { Token } from '../../../expr/tokens.js'
import { makeFinding } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { reachOf } from '../../reach.js'
import { readCondition } from '../../read-condition.js'
import type { CatalogRule } from '../../rule.js'

/** Parts of a token that Supabase Auth lets a user write (auth.updateUser). */
const writtenByUser: ReadonlySet<string> = new Set(['user_metadata', 'raw_user_meta_data'])

/** A policy believes a claim that whoever asks may write. */
export const userControlledClaim: CatalogRule = {
  kind: 'catalog',
  id: 'user-controlled-claim',
  title: 'A policy trusts a claim that users write themselves.',
  check: (input) =>
    input.tables.tables.flatMap((table) => {
      const { relation, name } = table
      if (table.scope === 'global' || reachOf(input, relation).length === 0) return []
      const guards = relation.policies.filter((policy) => !policy.permissive)
      if (guards.some((policy) => trusted(input.catalog, table, policy) === null)) return []
      return relation.policies
        .filter((policy) => policy.permissive)
        .flatMap((policy) => {
          const claim = trusted(input.catalog, table, policy)
          if (claim === null || claim === undefined) return []
          return [
            makeFinding({
              rule: 'user-controlled-claim',
              severity: 'error',
              object: name,
              detail: policy.name,
              message: `Policy ${policy.name} of ${name} reads ${claim} of the token, which users write themselves, and nothing else in it says whose the row is: whoever puts another tenant there is let in.`,
              evidence: { policy: policy.name, claim },
              remedy:
                'Take what is trusted from app_metadata, or from a table that users cannot write.',
            }),
          ]
        })
    }),
}

/**
 * The claim that decides whose rows a policy admits; null where a condition beside it says so, or
 * instead of it; undefined where neither does.
 */
function trusted(
  catalog: CatalogSnapshot,
  table: ClassifiedTable,
  policy: Policy,
): string | null | undefined {
  const found = [policy.using, policy.withCheck].flatMap((text) => {
    if (text === null) return []
    const parts = conjuncts(policy, text).map((part) => {
      const tokens = tokenize(part)
      return { claim: claimIn(catalog, tokens), bound: saysWhose(catalog, table, part) }
    })
    if (parts.some(({ claim, bound }) => claim === null && bound)) return [null]
    return [parts.find(({ claim }) => claim !== null)?.claim]
  })
  return found.find((claim) => typeof claim === 'string') ?? found[0]
}

/** The conditions that all have to hold. */
function conjuncts(policy: Policy, text: string): readonly string[] {
  const condition = readCondition(policy, text)
  if ('reason' in condition || condition.expr.kind !== 'and') return [text]
  return condition.expr.operands.map((operand) => printExpression(operand).text)
}

function saysWhose(
  { functions }: CatalogSnapshot,
  { tenantColumn, scope, relation }: ClassifiedTable,
  part: string,
): boolean {
  const tokens = tokenize(part)
  if (tenantColumn !== null) return mentionsName(tokens, new Set([tenantColumn]))
  if (hasSubselect(tokens)) return true
  // Nobody said which column names whose the row is: any that is held against the context may.
  const columns = new Set(relation.columns.map(({ name }) => name))
  return scope === null && mentionsName(tokens, columns) && mayDependOnContext(part, functions)
}

/** The claim that the text, or a function that it calls, takes out of the token. */
function claimIn(catalog: CatalogSnapshot, tokens: readonly Token[]): string | null {
  const called = new Set(calledFunctions(tokens))
  const bodies = catalog.functions.filter(({ name }) => called.has(name)).map(({ body }) => body)
  for (const part of [tokens, ...bodies.map((body) => tokenize(body))]) {
    for (const [index, token] of part.entries()) {
      if (token.kind !== 'string' || !(part[index - 1]?.text ?? '').endsWith('>')) continue
      const path = token.text.replaceAll(/[{}"\s]/g, '').split(',')
      const hit = path.find((step) => writtenByUser.has(step))
      if (hit !== undefined) return hit
    }
  }
  return null
}
