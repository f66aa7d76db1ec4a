import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimsOf, keys, openAttackedShop } from '../../../../../test/attacked-shop.js'
import type { AttackedShop } from '../../../../../test/attacked-shop.js'
import { attack, isHarmless } from '../../../../../test/context-attack.js'
import { emptyPromises, forgeries, tokenOf } from '../../../../../test/context-forgery.js'
import { serverMajors } from '../../../../../test/database.js'
import { createFunction } from './function-shape.js'
import { signedFunctions } from './signed-functions.js'

const zeroPads = [`decode(repeat('5c', 64), 'hex')`, `decode(repeat('36', 64), 'hex')`] as const

/** A guard of the kernel, what is left without it, and an attack that then gets in. */
const weakenings: readonly (readonly [string, RegExp, string, RegExp])[] = [
  [
    'the MAC',
    /sha256\(substring\(bytes for 64\)\) = .*?'hex'\), 'UTF8'\)\)/gs,
    'true',
    /^a MAC of zeros$/,
  ],
  [
    'the version',
    /(split_part\(token, '\.', 3\)) in \(/g,
    `'v2-' || split_part($1, '-', 2) in (`,
    /^version/,
  ],
  ['the expiry', /date_part\('epoch', clock_timestamp\(\)\)/g, '-253402300800', /^expiry \d+$/],
  [
    'the bound of the expiry',
    /253402300800, 1\) = 1/g,
    '253402300800, 1) >= 1',
    /^expiry (Infinity|\d{13,})$/,
  ],
  ['the mode', /split_part\(token, '\.', 3\) in \(.*?\)/gs, 'true', /^no mode$/],
  ['the end of a key', /and \(k\.not_after.*?\)\)/s, '', /^a retired key$/],
  [
    'the id of the newest key',
    /split_part\(token, '\.', 2\) = watertight\.remembered_keys\(\) ->> '\.'/,
    'true',
    /^another valid key under this id$/,
  ],
  ['the id of the key', /k\.kid = .*?\n\s+and/s, '', /^key id/],
  [
    'the case of the MAC',
    /sha256\(substring\(bytes for 64\)\)/g,
    `sha256(convert_to(lower(left(token, 64)), 'UTF8'))`,
    /upper-case/,
  ],
  [
    'unknown keys',
    /where k\.kid = .*?clock_timestamp\(\)\)\);/s,
    `limit 0); pads := coalesce(pads, '');`,
    /^no key at all$/,
  ],
  [
    'the pads of the key',
    /substring\(pads from 65\) \|\| sha256\(substring\(pads for 64\)/,
    `${zeroPads[0]} || sha256(${zeroPads[1]}`,
    /^a key of zeros$/,
  ],
  [
    'the mode of the tenant',
    /in \('v2-member', 'v2-worker'\)/g,
    `in ('v2-member', 'v2-worker', 'v2-auditor')`,
    /^an auditor/,
  ],
]

describe.each(serverMajors.slice(-1))('on PostgreSQL %i, a kernel that does not check', (major) => {
  let shop: AttackedShop
  beforeAll(async () => {
    shop = await openAttackedShop(major)
  })
  afterAll(() => shop.drop())

  async function opened(): Promise<readonly string[]> {
    const forge = shop.forge('app')
    const auditor = { ...claimsOf('auditor'), u: undefined, o: 'all' }
    const foreign = { name: 'an auditor', token: tokenOf(auditor, keys.current) }
    const attacks = [...forgeries(forge), ...emptyPromises(forge), foreign]
    const outcomes = await attack(shop, await shop.as('app'), 'app', attacks, 'light')
    return outcomes
      .filter((outcome) =>
        outcome.name === 'an auditor' ? outcome.seen > 0 : !isHarmless(outcome),
      )
      .map(({ name }) => name)
  }

  it.each(weakenings)(
    '%s is found out by the attacks',
    async (_guard, check, without, caughtBy) => {
      expect(await opened()).toEqual([])
      const shapes = signedFunctions(shop.model, 'uuid')
      const weakened = shapes.map(({ body, ...shape }) => ({
        ...shape,
        body: { ...body, text: body.text.replace(check, without) },
      }))
      expect(weakened.some(({ body }, index) => body.text !== shapes[index]?.body.text)).toBe(true)
      for (const shape of weakened) await shop.admin.query(createFunction(shape).text)
      expect(await opened()).toContainEqual(expect.stringMatching(caughtBy))
      for (const shape of shapes) await shop.admin.query(createFunction(shape).text)
    },
  )
})
