import type { Relation } from 'watertight/catalog'
import { ident, integer, qualifiedName, sql } from 'watertight/sql'
import { linkingValues } from '../../grant-tables/key-pairs.js'
import { ignoredTerms } from '../../grant-tables/term-columns.js'
import type { Term } from '../../grant-tables/term-columns.js'
import { objectName } from '../../../graph/object-name.js'
import { held, inconclusive } from '../../attack.js'
import type { Attack, Outcome, Probe } from '../../attack.js'
import { policyReach } from '../../policy-text/policy-reach.js'
import { insertRow } from '../../synthesis/insert-row.js'
import type { Values } from '../../synthesis/values.js'
import { foreignSelect } from '../foreign-select/index.js'

/** Reads through a grant that has expired or was withdrawn. */
export const endedGrant: Attack = {
  id: 'ended-grant',
  title: 'Reads rows of another tenant through a grant that has ended.',
  command: 'SELECT',
  context: 'own',
  applies: (input, target, role) => {
    const reach = policyReach(input, target.table.relation, role, 'SELECT')
    return reach.relations.some((relation) => ignoredTerms(input, relation, reach).length > 0)
  },
  run: async (probe) => {
    const { input, role, target } = probe
    const reach = policyReach(input, target.table.relation, role, 'SELECT')
    let best: Outcome = inconclusive('no row was found that grants access to another tenant')
    for (const relation of reach.relations) {
      const terms = ignoredTerms(input, relation, reach)
      for (const link of terms.length === 0 ? [] : linkingValues(probe, relation)) {
        if (!(await isGrant(probe, relation, link, terms))) continue
        if (await opens(probe, relation, { ...link, ...valuesOf(terms, 'ended') })) {
          return leak(relation, terms)
        }
        best = held
      }
    }
    return best
  },
}

/** Nothing is visible without the row, and something is with it while its term runs. */
async function isGrant(
  probe: Probe,
  relation: Relation,
  link: Values,
  terms: readonly Term[],
): Promise<boolean> {
  const without = await opens(probe, relation, link, false)
  return !without && (await opens(probe, relation, { ...link, ...valuesOf(terms, 'running') }))
}

async function opens(
  probe: Probe,
  relation: Relation,
  values: Values,
  withRow = true,
): Promise<boolean> {
  const { session } = probe
  const name = qualifiedName(relation.schema, relation.name)
  const link = linkingValues(probe, relation).find((pair) =>
    Object.entries(pair).every(([column, value]) => values[column] === value),
  )
  if (link === undefined) return false
  const where = Object.keys(link)
    .map((column, index) => sql`${ident(column)}::text = $${integer(index + 1)}`)
    .reduce((left, right) => sql`${left} and ${right}`)
  return session.attempt(async () => {
    const cleared = await session.keep(() =>
      session.admin(sql`delete from ${name} where ${where}`, Object.values(link)),
    )
    if (!cleared.ok) return false
    if (withRow) {
      const made = await insertRow(probe.synthesis(probe.foreignPrincipal), relation, values)
      if (typeof made === 'string') return false
    }
    return (await foreignSelect.run(probe)).kind === 'leak'
  })
}

function valuesOf(terms: readonly Term[], state: 'ended' | 'running'): Values {
  return Object.fromEntries(terms.map((term) => [term.column, term[state]]))
}

function leak(relation: Relation, terms: readonly Term[]): Outcome {
  const name = objectName(relation)
  const columns = terms.map(({ column }) => column).join(', ')
  return {
    kind: 'leak',
    statement: sql`select from ${qualifiedName(relation.schema, relation.name)}`,
    what: `rows of another tenant are visible through a row of ${name} that has ended: the policies do not look at ${columns}`,
    related: [name],
  }
}
