import { bool, leaf, node } from '../expression.js'
import type { Node } from '../expression.js'
import { one, weighted } from '../numbers.js'
import type { Pick } from '../numbers.js'
import type { FuzzFunction, Kind } from '../world.js'
import { condition } from './condition.js'
import { guard } from './guard.js'
import type { Maker } from './maker.js'
import { contextText, value } from './value.js'
import { castTypes, literals, quoted } from './vocabulary.js'

interface Signature {
  readonly name: string
  readonly parameters: readonly Kind[]
  readonly returns: Kind
  readonly returnsSet?: boolean
}

/** The world's helper functions; each may call those before it. */
export function functionsOf(base: Maker): readonly FuzzFunction[] {
  const { tenantKind: tenant, context, pick } = base
  const signatures: readonly Signature[] = [
    ...(context.kind === 'membership'
      ? []
      : [{ name: 'current_tenant', parameters: [], returns: tenant }]),
    { name: 'is_own', parameters: [tenant], returns: 'bool' },
    { name: 'my_tenants', parameters: [], returns: tenant, returnsSet: true },
    { name: 'f0', parameters: [tenant, 'int'], returns: 'bool' },
    { name: 'f1', parameters: ['text'], returns: one(pick, ['text', tenant, 'int']) },
    { name: 'f2', parameters: [], returns: one(pick, ['text', tenant, 'bool']) },
  ]
  const made: FuzzFunction[] = []
  for (const signature of signatures) {
    made.push(
      functionOf({ ...base, functions: made.filter(({ returnsSet }) => !returnsSet) }, signature),
    )
  }
  return made
}

function functionOf(maker: Maker, signature: Signature): FuzzFunction {
  const { pick } = maker
  const { name, parameters, returns, returnsSet = false } = signature
  const references = parameters.map((kind, index) => ({ sql: `a${index}`, kind }))
  const reads = returnsSet || pick(2) === 0
  const inner: Maker = {
    ...maker,
    references,
    tables: reads ? maker.tables : [],
    functions: maker.functions.filter((fn) => reads || !fn.reads),
  }
  const isPlpgsql = !returnsSet && pick(3) === 0
  const result = resultOf(inner, signature)
  const body = isPlpgsql ? plpgsql(inner, returns, result) : node('body')`select ${result}`
  const isDefiner = pick(2) === 0
  const options = [
    isPlpgsql ? 'language plpgsql' : 'language sql',
    weighted(pick, [
      [40, 'stable'],
      [1, 'immutable'],
      [1, 'volatile'],
    ]),
    pick(6) === 0 && !returnsSet ? 'strict' : '',
    isDefiner ? 'security definer' : '',
    weighted(pick, [
      [2, ''],
      [3, `set search_path = ''`],
      [1, 'set search_path = pg_catalog, pg_temp'],
    ]),
  ]
  const types = parameters.map((kind, index) => `a${index} ${parameterType(pick, kind)}`)
  const set = returnsSet ? 'setof ' : ''
  return {
    name,
    parameters,
    returns,
    returnsSet,
    reads: reads || inner.functions.some((fn) => fn.reads),
    owner: isDefiner && pick(2) === 0 ? '{definer}' : null,
    head: `create function {s}.${name}(${types.join(', ')}) returns ${set}${parameterType(pick, returns)} ${options.filter((option) => option !== '').join(' ')} as $f$ `,
    body: returnsSet ? setBody(maker) : body,
    tail: ' $f$',
  }
}

function parameterType(pick: Pick, kind: Kind): string {
  if (kind === 'int') return one(pick, ['int', 'bigint'])
  return kind === 'bpchar' ? 'char' : kind === 'loose' ? 'text' : castTypes[kind]
}

function resultOf(maker: Maker, { name, returns }: Signature): Node {
  if (name === 'current_tenant' && maker.pick(8) > 0) {
    return node(returns)`${contextText(maker)}::${castTypes[returns]}`
  }
  if (name === 'is_own' && maker.pick(8) > 0) {
    const others = maker.functions.filter((fn) => fn.name !== 'is_own')
    return guard({ ...maker, functions: others }, leaf(maker.tenantKind, 'a0'))
  }
  return returns === 'bool' ? condition(maker, 2) : value(maker, returns, 2)
}

function setBody({ pick, context }: Maker): Node {
  const mine = `y.user_id = current_setting('{w}.user', true)`
  const end = weighted(pick, [
    [4, ''],
    [1, ' and y.flag'],
    [1, ' or y.flag'],
  ])
  const where =
    context.kind === 'membership' || pick(2) === 0 ? `where ${mine}${end}` : 'where y.flag'
  return node('body')`select y.tenant_id from {s}.m y ${where}`
}

/** Bodies without loops, dynamic SQL and handlers. */
function plpgsql(maker: Maker, returns: Kind, result: Node): Node {
  const { pick } = maker
  const body = node('body')
  const cast = castTypes[returns]
  const other = leaf(
    returns,
    returns === 'bool' ? 'false' : `${quoted(one(pick, literals[returns]))}::${cast}`,
  )
  return weighted<() => Node>(pick, [
    [3, () => body`begin return ${result}; end`],
    [2, () => body`declare found ${cast} := ${other}; begin found := ${result}; return found; end`],
    [
      2,
      () =>
        body`begin if ${condition(maker, 1)} then return ${result}; end if; return ${other}; end`,
    ],
    [
      1,
      () =>
        body`begin if ${condition(maker, 1)} then return ${other}; elsif ${bool`not ${condition(maker, 0)}`} then return null; end if; return ${result}; end`,
    ],
    [1, () => body`declare found ${cast}; begin select ${result} into found; return found; end`],
    [
      1,
      () =>
        body`declare found ${cast}; begin if ${condition(maker, 1)} then found := ${result}; else raise exception 'no'; end if; return found; end`,
    ],
    [1, () => body`begin if ${condition(maker, 1)} then return ${result}; end if; end`],
  ])()
}
