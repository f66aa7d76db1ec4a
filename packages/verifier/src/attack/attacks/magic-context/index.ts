import { sql } from 'watertight/sql'
import { withKey } from '../../forged-context/context-key.js'
import { held, inconclusive } from '../../attack.js'
import type { Attack, Outcome, Probe } from '../../attack.js'
import { policyReach } from '../../policy-text/policy-reach.js'
import { notPublic } from '../../public-rows.js'
import { inSample } from '../../samples.js'
import type { RowSample } from '../../samples.js'
import type { ContextSettings } from '../../session.js'

/** Sets the tenant to a value that stands for all tenants. */
export const magicContext: Attack = {
  id: 'magic-context',
  title: 'Reads rows of several tenants under a key that no tenant has.',
  command: 'SELECT',
  context: 'own',
  applies: (input, target, role) => {
    const { kind } = input.model.context
    if ((kind !== 'guc' && kind !== 'jwt-claims') || target.boundary !== 'tenant') return false
    const { own } = policyReach(input, target.table.relation, role, 'SELECT')
    // Without an alternative beside the tenant condition there is no room for such a value.
    return own.length > 1 || own.some((tokens) => tokens.some(({ text }) => alternatives.has(text)))
  },
  run: async (probe) => {
    const hidden = notPublic(probe.target)
    if (hidden === null) return inconclusive('every row is declared public')
    const own = await sees(probe, probe.context, probe.ownRows)
    if (await sees(probe, probe.context, probe.foreignRows)) {
      return inconclusive('it leaks under a tenant of its own, too')
    }
    for (const value of values(probe)) {
      const context = withKey(probe.context, probe.own, value)
      if (!(await sees(probe, context, probe.ownRows))) continue
      if (await sees(probe, context, probe.foreignRows)) return leak(probe)
    }
    return own ? held : inconclusive('the role does not see its own rows under the context')
  },
}

const alternatives: ReadonlySet<string> = new Set([
  'or',
  'case',
  'coalesce',
  'is',
  '~',
  'in',
  'any',
])

/** Constants of the conditions, and what programs use for all or none. */
function values(probe: Probe): readonly string[] {
  const { input, target, role } = probe
  const { all } = policyReach(input, target.table.relation, role, 'SELECT')
  const literals = all.flat().filter(({ kind }) => kind === 'string' || kind === 'number')
  const common = ['*', '%', 'all', 'null', 'system', '0', '-1']
  const nil = '00000000-0000-0000-0000-000000000000'
  const found = new Set([...literals.map(({ text }) => text).slice(0, 30), nil, ...common])
  return [...found].filter(
    (value) => value !== '' && value !== probe.own && value !== probe.foreign,
  )
}

async function sees(probe: Probe, context: ContextSettings, rows: RowSample): Promise<boolean> {
  const hidden = notPublic(probe.target) ?? sql`true`
  const statement = sql`select from ${probe.target.name} r where ${inSample} and ${hidden} limit 1`
  const seen = await probe.session.attempt(() =>
    probe.session.as(probe.role, context, statement, [rows.tables, rows.places]),
  )
  return seen.ok && seen.rowCount > 0
}

function leak(probe: Probe): Outcome {
  return {
    kind: 'leak',
    statement: sql`select from ${probe.target.name}`,
    what: 'rows of several tenants are visible once the context holds a value that is no tenant',
  }
}
