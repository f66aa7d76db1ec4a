import { ident, joinSql, sql } from 'watertight/sql'
import type { Command } from 'watertight/model'
import { mentionsName } from '../../expr/mentions.js'
import { claimsSetting } from '../../graph/claim-twin.js'
import type { Probe } from '../attack.js'
import { policyReach } from '../policy-text/policy-reach.js'
import type { PolicyReach } from '../policy-text/policy-reach.js'
import { untrustedInputs } from '../policy-text/untrusted-inputs.js'
import type { ContextSettings } from '../session.js'

/** A context with an input that the model does not declare, set by the attacker. */
export interface Forgery {
  /** Names what was forged, never with what: `app.bypass`. */
  readonly input: string
  readonly settings: ContextSettings
}

const mostForgeries = 120

/** Contexts of the attacker that differ from the real one in inputs that any client controls. */
export async function forgeriesOf(probe: Probe, command: Command): Promise<readonly Forgery[]> {
  const { input, target, role } = probe
  const reach = policyReach(input, target.table.relation, role, command)
  const untrusted = untrustedInputs(input.model, reach)
  const values = await candidates(probe, reach)
  const singles = untrusted.settings.map((name) => ({
    name,
    values: [...values, ...untrusted.paths.flatMap((path) => asJson(path, values.slice(0, 6)))],
  }))
  const forged: Forgery[] = singles.flatMap(({ name, values: list }) =>
    list.map((value) => ({ input: name, settings: [...probe.context, [name, value] as const] })),
  )
  for (const [index, first] of singles.entries()) {
    for (const second of singles.slice(index + 1)) {
      for (const a of first.values.slice(0, 9)) {
        for (const b of second.values.slice(0, 9)) {
          const settings = [...probe.context, [first.name, a] as const, [second.name, b] as const]
          forged.push({ input: `${first.name} and ${second.name}`, settings })
        }
      }
    }
  }
  const holder = claimsSetting(input.model)
  if (holder !== null) {
    for (const path of untrusted.claims) forged.push(...forgedClaims(probe, holder, path, values))
  }
  return forged.slice(0, mostForgeries)
}

/** Strings that conditions are likely to ask for. */
async function candidates(probe: Probe, reach: PolicyReach): Promise<readonly string[]> {
  const keys = [probe.foreign, probe.foreignPrincipal.tenant, probe.foreignPrincipal.user ?? '']
  const literals = reach.all
    .flat()
    .filter((token) => token.kind === 'string' && token.text.length < 64)
    .map((token) => token.text)
  const lists = [`{${probe.foreign}}`, JSON.stringify([probe.foreign])]
  const found = [
    ...keys,
    'on',
    'true',
    '1',
    ...new Set(literals.slice(0, 14)),
    ...(await rowValues(probe, reach)),
    ...lists,
  ]
  return [...new Set(found)].filter((value) => value !== '').slice(0, 28)
}

/** What a victim's row has in the columns that the policies look at. */
async function rowValues(probe: Probe, reach: PolicyReach): Promise<readonly string[]> {
  const columns = probe.target.table.relation.columns
    .filter(({ name }) => reach.own.some((tokens) => mentionsName(tokens, new Set([name]))))
    .slice(0, 8)
  if (columns.length === 0) return []
  const list = joinSql(columns.map(({ name }) => sql`r.${ident(name)}::text as ${ident(name)}`))
  const read = await probe.session.admin(
    sql`select ${list} from ${probe.target.name} r where r.tableoid = $1::oid and r.ctid = $2::tid`,
    [probe.foreignRows.tables[0], probe.foreignRows.places[0]],
  )
  if (!read.ok) return []
  return Object.values(read.rows[0] ?? {}).filter((value) => typeof value === 'string')
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

function nested(path: readonly string[], value: Json): { readonly [name: string]: Json } {
  const [first = '', ...rest] = path
  return { [first]: rest.length === 0 ? value : nested(rest, value) }
}

function asJson(path: readonly string[], values: readonly string[]): readonly string[] {
  return values
    .flatMap((value): readonly Json[] => [value, [value], true])
    .map((value) => JSON.stringify(nested(path, value)))
}

function forgedClaims(
  probe: Probe,
  holder: string,
  path: readonly string[],
  values: readonly string[],
): readonly Forgery[] {
  const real = probe.context.find(([name]) => name === holder)?.[1]
  const claims = real === undefined ? null : parseObject(real)
  if (claims === null) return []
  const rest = probe.context.filter(([name]) => name !== holder)
  const forgedValues: Json[] = [true, ...values.slice(0, 12), ...values.slice(0, 3).map((v) => [v])]
  return forgedValues.map((value) => ({
    input: `claim /${path.join('/')}`,
    settings: [...rest, [holder, JSON.stringify({ ...claims, ...nested(path, value) })]],
  }))
}

function parseObject(text: string): { readonly [name: string]: Json } | null {
  try {
    const value = JSON.parse(text) as Json
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as { readonly [name: string]: Json })
      : null
  } catch {
    return null
  }
}
