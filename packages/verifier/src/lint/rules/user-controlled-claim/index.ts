import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import { calledFunctions } from '../../../expr/mentions.js'
import { tokenize } from '../../../expr/tokens.js'
import { makeFinding } from '../../../findings/index.js'
import { reachOf } from '../../reach.js'
import type { CatalogRule } from '../../rule.js'

/** Parts of a token that Supabase Auth lets a user write (auth.updateUser). */
const writtenByUser: ReadonlySet<string> = new Set(['user_metadata', 'raw_user_meta_data'])

/** A policy believes a claim that whoever asks may write. */
export const userControlledClaim: CatalogRule = {
  kind: 'catalog',
  id: 'user-controlled-claim',
  title: 'A policy trusts a claim that users write themselves.',
  check: (input) =>
    input.tables.tables.flatMap(({ relation, name }) => {
      if (!input.tables.isProtected(name) || reachOf(input, relation).length === 0) return []
      return relation.policies
        .filter((policy) => policy.permissive)
        .flatMap((policy) => {
          const claim = [policy.using, policy.withCheck]
            .flatMap((text) => (text === null ? [] : [claimIn(input.catalog, relation, text)]))
            .find((found) => found !== null)
          if (claim === undefined || claim === null) return []
          return [
            makeFinding({
              rule: 'user-controlled-claim',
              severity: 'error',
              object: name,
              detail: policy.name,
              message: `Policy ${policy.name} of ${name} reads ${claim} of the token, which users write themselves: whoever puts another tenant there is let in.`,
              evidence: { policy: policy.name, claim },
              remedy:
                'Take what is trusted from app_metadata, or from a table that users cannot write.',
            }),
          ]
        })
    }),
}

/** The claim that the text, or a function that it calls, takes out of the token. */
function claimIn(catalog: CatalogSnapshot, relation: Relation, text: string): string | null {
  const own = new Set(relation.columns.map(({ name }) => name))
  const tokens = tokenize(text)
  const called = new Set(calledFunctions(tokens))
  const bodies = catalog.functions.filter(({ name }) => called.has(name)).map(({ body }) => body)
  for (const part of [tokens, ...bodies.map((body) => tokenize(body))]) {
    for (const [index, token] of part.entries()) {
      if (token.kind !== 'string' || own.has(token.text)) continue
      const path = token.text.replaceAll(/[{}"\s]/g, '').split(',')
      const before = part[index - 1]?.text ?? ''
      const hit = path.find((step) => writtenByUser.has(step))
      if (hit !== undefined && (before.startsWith('->') || before === '>' || before === '>>'))
        return hit
    }
  }
  return null
}
