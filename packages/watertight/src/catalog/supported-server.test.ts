import { describe, expect, test } from 'vitest'
import type { Queryable } from '../sql/index.js'
import { readCatalog } from './read-catalog.js'
import { requireSupportedServer } from './supported-server.js'

const identity = { version: '', version_num: '', may_identify: true }

describe('the servers whose catalog is read', () => {
  test.each([
    ['PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu', '150018'],
    ['PostgreSQL 18.4 on aarch64-apple-darwin', '180004'],
    ['PostgreSQL 19beta1 on x86_64-pc-linux-gnu', '190000'],
  ])('include %s', (banner, number) => {
    expect(requireSupportedServer({ ...identity, banner, version_num: number })).toBe(
      Number(number),
    )
  })

  test.each([
    ['PostgreSQL 14.19 on x86_64-pc-linux-gnu', '14.19', '140019', 'PostgreSQL 14.19'],
    ['PostgreSQL 9.6.24 on x86_64', '9.6.24', '90624', 'PostgreSQL 9.6.24'],
    ['CockroachDB CCL v24.1.0', '13.0.0', '130000', 'CockroachDB'],
    ['PostgreSQL 15.2-YB-2025.1.0.0-b0 on x86_64 (YugabyteDB)', '15.2', '150002', 'Yugabyte'],
    ['PostgreSQL 8.0.2 on i686-pc-linux-gnu, Redshift 1.0.77467', '8.0.2', '80002', 'Redshift'],
  ])('exclude %s', (banner, version, number, named) => {
    expect(() =>
      requireSupportedServer({ ...identity, banner, version, version_num: number }),
    ).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED_SERVER',
        message: expect.stringMatching(new RegExp(`${named}.*15 to 18 are supported`)),
      }),
    )
  })

  test('exclude one that does not know the functions of the question', async () => {
    const db: Queryable = {
      query: (text) =>
        text === 'select version() as banner'
          ? Promise.resolve({ rows: [{ banner: 'Stonefish 3.1' }] as never[], rowCount: 1 })
          : Promise.reject(Object.assign(new Error('unknown function'), { code: '42883' })),
    }
    await expect(readCatalog(db, { schemas: 'all' })).rejects.toMatchObject({
      code: 'UNSUPPORTED_SERVER',
      object: 'Stonefish 3.1',
    })
  })

  test('say nothing about an error of the connection', async () => {
    const lost = Object.assign(new Error('terminating connection'), { code: '57P01' })
    const db: Queryable = { query: () => Promise.reject(lost) }
    await expect(readCatalog(db, { schemas: 'all' })).rejects.toBe(lost)
  })
})
