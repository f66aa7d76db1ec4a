import { readCatalog } from 'watertight/catalog'
import { describe, expect, it } from 'vitest'
import { runAttacks } from '../src/attack/run-attacks.js'
import type { AttackResult } from '../src/attack/attack-result.js'
import { lintInput } from '../src/lint/lint-input.js'
import { caseDatabase, readCases } from './readme-cases.js'
import type { CaseDatabase } from './readme-cases.js'

/** An attack on tables or on objects. */
type Named = { readonly id: string }

/** What one attack comes to on a database. */
async function attackWith(attack: Named, at: CaseDatabase): Promise<readonly AttackResult[]> {
  const { admin } = at.database
  const catalog = await readCatalog(admin, { schemas: 'all' })
  const report = await runAttacks(admin, lintInput(at.model, catalog, new Date()), {
    mayBlock: true,
  })
  return report.results.filter((result) => result.attack.id === attack.id)
}

/** Outcomes of one attack on a database made of `text`; the database is gone afterwards. */
export async function attackSql(
  attack: Named,
  text: string,
  tables: Parameters<typeof caseDatabase>[1] = {},
  parts: Parameters<typeof caseDatabase>[2] = {},
): Promise<readonly AttackResult[]> {
  const at = await caseDatabase(text, tables, parts)
  try {
    return await attackWith(attack, at)
  } finally {
    await at.database.drop()
  }
}

/** Holds an attack to its page: it gets through on the bad SQL and is refused on the good. */
export function describeAttack(attack: Named, testUrl: string): void {
  const cases = readCases(testUrl)
  describe(`attack ${attack.id}`, () => {
    it('gets through on the bad SQL of its page', async () => {
      const results = await attackSql(attack, cases.bad, cases.tables, cases.model)
      expect(results.map(({ outcome }) => outcome.kind)).toContain('leak')
    })

    it('is refused on the good SQL of its page, where it could have succeeded', async () => {
      const results = await attackSql(attack, cases.good, cases.tables, cases.model)
      expect(results.length).toBeGreaterThan(0)
      expect(results.filter(({ outcome }) => outcome.kind !== 'held')).toEqual([])
    })
  })
}
