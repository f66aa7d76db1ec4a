import { bool } from '../expression.js'
import type { Node } from '../expression.js'
import { weighted } from '../numbers.js'
import type { FuzzPolicy } from '../world.js'
import { condition } from './condition.js'
import { guard, mistaken } from './guard.js'
import type { Maker } from './maker.js'

/** How a policy speaks of the row's tenant. */
export type About = (make: (tenant: Node) => Node) => Node

/** The policies of one table; about half of the sets keep tenants apart. */
export function policiesOf(maker: Maker, about: About, depth: number): readonly FuzzPolicy[] {
  const { pick } = maker
  const good = (): Node => about((tenant) => guard(maker, tenant))
  const bad = (): Node => about((tenant) => mistaken(maker, tenant))
  const any = (): Node => condition(maker, depth)
  const sound = (): Node =>
    weighted<() => Node>(pick, [
      [4, good],
      [3, () => bool`(${good()} and ${any()})`],
      [1, () => bool`(${good()} or (${any()} and ${good()}))`],
      [1, () => bool`(${any()} and ${good()} and ${any()})`],
      [1, () => bool`case when ${any()} then ${good()} else false end`],
    ])()
  const open = (): Node =>
    weighted<() => Node>(pick, [
      [2, any],
      [3, bad],
      [1, () => bool`(${any()} and ${bad()})`],
    ])()
  const style = weighted<'sound' | 'restricted' | 'mixed' | 'open'>(pick, [
    [3, 'sound'],
    [2, 'restricted'],
    [3, 'mixed'],
    [5, 'open'],
  ])
  const test = (): Node => {
    if (style === 'sound') return sound()
    if (style === 'mixed') return pick(2) === 0 ? sound() : open()
    return open()
  }
  const set = Array.from({ length: 1 + pick(3) }, (_, index) =>
    policy(maker, index > 0 && pick(4) === 0, test),
  )
  if (style === 'restricted') set.push(policy(maker, true, sound))
  return set
}

function policy({ pick }: Maker, isRestrictive: boolean, test: () => Node): FuzzPolicy {
  const command = weighted<FuzzPolicy['command']>(pick, [
    [isRestrictive ? 12 : 7, 'ALL'],
    [2, 'SELECT'],
    [1, 'INSERT'],
    [2, 'UPDATE'],
    [1, 'DELETE'],
  ])
  const roles = weighted<readonly string[]>(pick, [
    [isRestrictive ? 12 : 5, []],
    [5, ['{app}', '{lone}']],
    [3, ['{grp}']],
    [1, ['{far}']],
    [1, ['{stranger}']],
    [1, ['{definer}', '{grp}']],
    [1, ['{app}']],
  ])
  const using = command === 'INSERT' ? null : test()
  const isWrite = command !== 'SELECT' && command !== 'DELETE'
  const check = command === 'INSERT' || (isWrite && pick(2) === 0) ? test() : null
  return { command, permissive: !isRestrictive, roles, using, check }
}
