import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimsOf, openAttackedShop } from '../../../../../test/attacked-shop.js'
import type { AttackedRole, AttackedShop } from '../../../../../test/attacked-shop.js'
import { attack, isHarmless } from '../../../../../test/context-attack.js'
import {
  cutsAndGiants,
  emptyPromises,
  forgeries,
  signedNonsense,
  tokenOf,
} from '../../../../../test/context-forgery.js'
import { serverMajors } from '../../../../../test/database.js'

const modes: readonly AttackedRole[] = ['app', 'worker', 'auditor', 'platform', 'public']

/** Modes whose tokens a role serves: members and workers share the tenant's functions. */
const served: Readonly<Record<AttackedRole, readonly AttackedRole[]>> = {
  app: ['app', 'worker'],
  worker: ['app', 'worker'],
  auditor: ['auditor'],
  platform: ['platform'],
  public: ['public'],
}

describe.each(serverMajors)('on PostgreSQL %i', (major) => {
  let shop: AttackedShop
  beforeAll(async () => {
    shop = await openAttackedShop(major)
  })
  afterAll(() => shop.drop())

  describe.each(modes)('as the %s role', (mode) => {
    it('an honest context opens its rows, also under the second of two keys', async () => {
      const { claims, key, second } = shop.forge(mode)
      const honest = [key, second].map((by) => ({ name: by.kid, token: tokenOf(claims, by) }))
      const outcomes = await attack(shop, await shop.as(mode), mode, honest)
      for (const { seen, believed, faults } of outcomes) {
        expect(seen).toBeGreaterThan(3)
        expect(believed).toContain(claims['m'])
        expect(faults).toEqual([])
      }
      const canWrite = mode !== 'auditor' && mode !== 'public'
      expect(outcomes[0]?.inserts.includes('written')).toBe(canWrite)
      expect((outcomes[0]?.changed ?? 0) > 3).toBe(canWrite)
    })

    it('no forged context opens anything', async () => {
      const depth = mode === 'app' ? 'full' : 'light'
      const forged = forgeries(shop.forge(mode))
      const outcomes = await attack(shop, await shop.as(mode), mode, forged, depth)
      expect(outcomes).toHaveLength(forged.length)
      expect(outcomes.filter((outcome) => !isHarmless(outcome))).toEqual([])
    })

    it('no part of an honest context opens anything, nor one of a megabyte', async () => {
      // The text is the same on every version but for the role: elsewhere every seventh cut will do.
      const isThorough = mode === 'app' || major === serverMajors.at(-1)
      const all = cutsAndGiants(shop.forge(mode))
      const forged = isThorough ? all : all.filter((_forgery, index) => index % 7 === 0)
      const outcomes = await attack(shop, await shop.as(mode), mode, forged, 'light')
      expect(outcomes.length).toBeGreaterThan(20)
      expect(outcomes.filter((outcome) => !isHarmless(outcome))).toEqual([])
    })

    it('a signed context without a lasting expiry or a mode opens nothing', async () => {
      const outcomes = await attack(
        shop,
        await shop.as(mode),
        mode,
        emptyPromises(shop.forge(mode)),
      )
      expect(outcomes.filter((outcome) => !isHarmless(outcome))).toEqual([])
    })

    it('signed nonsense opens no row, and its error says nothing of others', async () => {
      const nonsense = signedNonsense(shop.forge(mode))
      const client = await shop.as(mode)
      for (const forgery of nonsense) {
        const [outcome] = await attack(shop, client, mode, [forgery])
        // A public context needs no tenant, so nonsense in its place does no harm.
        const isIgnored = mode === 'public' && forgery.name.startsWith('tenant')
        expect(outcome).toMatchObject({ seen: isIgnored ? 4 : 0, changed: 0 })
        for (const fault of outcome?.faults ?? []) {
          expect(fault).toMatch(
            /^(22P02 invalid input syntax for type (uuid|double precision|bytea)|22003|22008|2201G|22021)/,
          )
        }
      }
    })

    it('a context of another mode opens nothing', async () => {
      const foreign = modes.filter((other) => !served[mode].includes(other))
      const forged = foreign.map((other) => ({
        name: `a context of the ${other} role`,
        token: tokenOf({ ...claimsOf(other), o: 'all', c: ['read'] }, shop.forge(other).key),
      }))
      const outcomes = await attack(shop, await shop.as(mode), mode, forged)
      const opened = outcomes.filter(
        ({ seen, changed, inserts }) =>
          seen + changed > 0 || inserts.some((state) => state !== '42501'),
      )
      expect(opened).toEqual([])
    })
  })

  it('text that is no UTF-8, or holds a NUL, does not even reach the setting', async () => {
    const client = await shop.as('app')
    const token = shop.token('app')
    await expect(
      client.query('select set_config($1, $2, true)', ['watertight.context', `${token}\0`]),
    ).rejects.toMatchObject({ code: '22021' })
    const text = sql(token)
    for (const bytes of [`E'${text}\\xff'`, `convert_from('\\xfffe', 'UTF8')`, `chr(0)`]) {
      await expect(
        client.query(`select set_config('watertight.context', ${bytes}, false)`),
      ).rejects.toMatchObject({ code: expect.stringMatching(/^(22021|54000)$/) })
    }
    const { rows } = await client.query('select id from shop.products')
    expect(rows).toEqual([])
  })
})

function sql(token: string): string {
  return token.replaceAll('\\', '\\\\').replaceAll("'", "''")
}
