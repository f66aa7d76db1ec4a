import { readCatalog } from 'watertight/catalog'
import { describe, expect, it } from 'vitest'
import type { Finding } from '../src/findings/index.js'
import { lintInput } from '../src/lint/lint-input.js'
import type { CatalogRule } from '../src/lint/rule.js'
import { caseDatabase, readCases } from './readme-cases.js'
import type { CaseDatabase } from './readme-cases.js'

/** What a rule says about a database. */
async function lintWith(rule: CatalogRule, at: CaseDatabase): Promise<readonly Finding[]> {
  const catalog = await readCatalog(at.database.admin, { schemas: 'all' })
  return rule.check(lintInput(at.model, catalog, new Date('2026-01-01T00:00:00Z')))
}

/** Findings of a rule on a database made of `text`; the database is gone afterwards. */
export async function lintSql(
  rule: CatalogRule,
  text: string,
  tables: Parameters<typeof caseDatabase>[1] = {},
): Promise<readonly Finding[]> {
  const at = await caseDatabase(text, tables)
  try {
    return await lintWith(rule, at)
  } finally {
    await at.database.drop()
  }
}

/** Holds a rule to its page: the bad SQL is found, the good is not, the fix removes the finding. */
export function describeRule(
  rule: CatalogRule,
  testUrl: string,
  options: { readonly severity: Finding['severity']; readonly fixable: boolean },
): void {
  const cases = readCases(testUrl)
  describe(`rule ${rule.id}`, () => {
    it('finds the bad SQL of its page, and its fix runs and removes the finding', async () => {
      const at = await caseDatabase(cases.bad, cases.tables)
      try {
        const findings = await lintWith(rule, at)
        expect(findings.map(({ rule: id, severity }) => [id, severity])).toContainEqual([
          rule.id,
          options.severity,
        ])
        const fixes = new Set(findings.flatMap(({ fix }) => (fix === null ? [] : [fix.sql])))
        expect(fixes.size > 0).toBe(options.fixable)
        if (!options.fixable) return
        for (const fix of fixes) await at.database.admin.query(fix)
        const left = await lintWith(rule, at)
        expect(left.filter(({ severity }) => severity === options.severity)).toEqual([])
      } finally {
        await at.database.drop()
      }
    })

    it('stays silent on the good SQL of its page', async () => {
      expect(await lintSql(rule, cases.good, cases.tables)).toEqual([])
    })
  })
}
