import { bool, leaf, node } from '../expression.js'
import type { Node } from '../expression.js'
import { one, weighted } from '../numbers.js'
import { condition } from './condition.js'
import type { Maker } from './maker.js'
import { contextText } from './value.js'
import { castTypes } from './vocabulary.js'

/** A condition that keeps to the own tenant, as people write it. */
export function guard(maker: Maker, tenant: Node): Node {
  return maker.context.kind === 'membership'
    ? memberGuard(maker, tenant)
    : valueGuard(maker, tenant)
}

function own(maker: Maker): Node {
  const { pick, tenantKind } = maker
  const helpers = maker.functions.filter((fn) => fn.name === 'current_tenant')
  const typed = node(tenantKind)`${contextText(maker)}::${castTypes[tenantKind]}`
  const helper = helpers.length > 0 ? leaf(tenantKind, '{s}.current_tenant()') : typed
  return weighted<() => Node>(pick, [
    [4, () => (tenantKind === 'text' || tenantKind === 'loose' ? contextText(maker) : typed)],
    [2, () => helper],
    [1, () => node(tenantKind)`(select ${helper})`],
    [1, () => node(tenantKind)`coalesce(${typed}, null)`],
  ])()
}

function valueGuard(maker: Maker, tenant: Node): Node {
  const { pick } = maker
  return weighted<() => Node>(pick, [
    [8, () => bool`${tenant} = ${own(maker)}`],
    [2, () => bool`${own(maker)} = ${tenant}`],
    [2, () => bool`${tenant}::text = ${contextText(maker)}`],
    [1, () => bool`not (${tenant} <> ${own(maker)})`],
    [1, () => bool`${tenant} in (${own(maker)})`],
    [1, () => bool`${tenant} = any (array[${own(maker)}])`],
    [1, () => bool`(${tenant} = ${own(maker)}) is true`],
    [1, () => bool`coalesce(${tenant} = ${own(maker)}, false)`],
    [1, () => bool`case when ${own(maker)} is null then false else ${tenant} = ${own(maker)} end`],
    [1, () => bool`(${tenant} is not distinct from ${own(maker)} and ${own(maker)} is not null)`],
    [1, () => bool`${tenant} in (select ${own(maker)})`],
    [1, () => bool`{s}.is_own(${tenant})`],
  ])()
}

function memberGuard({ pick }: Maker, tenant: Node): Node {
  const mine = leaf('bool', `y.user_id = current_setting('{w}.user', true)`)
  const from = 'from {s}.m y where'
  return weighted<() => Node>(pick, [
    [4, () => bool`${tenant} in (select y.tenant_id ${from} ${mine})`],
    [4, () => bool`exists (select 1 ${from} y.tenant_id = ${tenant} and ${mine})`],
    [1, () => bool`${tenant} = any (select y.tenant_id ${from} ${mine})`],
    [1, () => bool`${tenant} = any (array(select y.tenant_id ${from} ${mine}))`],
    [1, () => bool`${tenant} = (select y.tenant_id ${from} ${mine} order by y.id limit 1)`],
    [2, () => bool`{s}.is_own(${tenant})`],
    [2, () => bool`${tenant} in (select {s}.my_tenants())`],
    [
      1,
      () =>
        bool`exists (select 1 from {s}.m y join {s}.p z on z.tenant_id = y.tenant_id where y.tenant_id = ${tenant} and ${mine})`,
    ],
  ])()
}

/** A guard with a mistake in it, or around it. */
export function mistaken(maker: Maker, tenant: Node): Node {
  const { pick } = maker
  const good = (): Node => guard(maker, tenant)
  const text = contextText(maker)
  return one<() => Node>(pick, [
    () => bool`(${good()} or ${condition(maker, 1)})`,
    () => bool`(${good()} or ${tenant} is null)`,
    () => bool`(${good()} or ${text} is null)`,
    () => bool`(${good()} or ${text} = '')`,
    () => bool`coalesce(${good()}, true)`,
    () => bool`(${good()}) is not false`,
    () => bool`not (${good()}) is not true`,
    () => bool`case when ${condition(maker, 1)} then true else ${good()} end`,
    () => bool`(${tenant}::text = current_setting('{w}.other', true))`,
    () => bool`${tenant} is not distinct from ${own(maker)}`,
    () => bool`lower(${tenant}::text) = lower(${text})`,
    () => bool`${tenant}::text like ${text} || '%'`,
    () => bool`(not ${good()})`,
    () => bool`${tenant}::varchar(1) = ${text}::varchar(1)`,
  ])()
}
