import { readCatalog } from 'watertight/catalog'
import { describe, expect, it } from 'vitest'
import { loadParser } from '../src/expr/index.js'
import type { Finding } from '../src/findings/index.js'
import { lintInput } from '../src/lint/lint-input.js'
import type { CatalogRule } from '../src/lint/rule.js'
import { expectNothingLost, expectProven, fixesOf } from './fix-proof.js'
import { caseDatabase, hostile, readCases } from './readme-cases.js'
import type { CaseDatabase } from './readme-cases.js'

/** What a rule's page has to show. */
export interface RuleExpectation {
  readonly severity: Finding['severity']
  /** Fixable findings have SQL; the others say in words what to do. */
  readonly fixable: boolean
  /** The fix makes something that is there when it runs a second time. */
  readonly once?: true
  /** Why the prover has no say in what the fix does. */
  readonly unproven?: string
}

/** In milliseconds: the solver takes a while to load where all processors are busy. */
const slow = 120_000

/** What a rule says about a database. */
async function lintWith(rule: CatalogRule, at: CaseDatabase): Promise<readonly Finding[]> {
  await loadParser()
  const catalog = await readCatalog(at.database.admin, { schemas: 'all' })
  return rule.check(lintInput(at.model, catalog, new Date('2026-01-01T00:00:00Z')))
}

/** Findings of a rule on a database made of `text`; the database is gone afterwards. */
export async function lintSql(
  rule: CatalogRule,
  text: string,
  tables: Parameters<typeof caseDatabase>[1] = {},
  model: Parameters<typeof caseDatabase>[2] = {},
): Promise<readonly Finding[]> {
  return withCase({ text, tables, model }, (at) => lintWith(rule, at))
}

interface Case {
  readonly text: string
  readonly tables: Parameters<typeof caseDatabase>[1]
  readonly model: Parameters<typeof caseDatabase>[2]
}

async function withCase<T>(
  { text, tables, model }: Case,
  use: (at: CaseDatabase) => Promise<T>,
): Promise<T> {
  const at = await caseDatabase(text, tables, model)
  try {
    return await use(at)
  } finally {
    await at.database.drop()
  }
}

/**
 * Holds a rule to its page: the bad SQL is found and the good is not. The fix runs as it is printed,
 * also on names that need quoting; the finding is gone, no row of the rightful tenant is lost, no
 * other one is within reach, and the prover agrees.
 */
export function describeRule(rule: CatalogRule, testUrl: string, options: RuleExpectation): void {
  const cases = readCases(testUrl)
  const ofSeverity = ({ severity }: Finding): boolean => severity === options.severity
  describe(`rule ${rule.id}`, () => {
    it('finds the bad SQL of its page', async () => {
      const findings = await lintSql(rule, cases.bad, cases.tables, cases.model)
      expect(findings.map(({ rule: id }) => id)).toEqual(findings.map(() => rule.id))
      expect(findings.filter(ofSeverity)).not.toEqual([])
      expect(fixesOf(findings).length > 0).toBe(options.fixable)
      const mute = findings.filter(({ fix, remedy }) => fix === null && remedy === null)
      expect(mute.map(({ key }) => key)).toEqual([])
    })

    it.runIf(options.fixable)(
      'has a fix that runs, loses no row of the rightful tenant and isolates',
      async () => {
        const text = hostile(cases.bad)
        const tables = hostile(cases.tables)
        await withCase({ text, tables, model: cases.model }, async (at) => {
          const findings = await lintWith(rule, at)
          await expectNothingLost(at, findings, { repeatable: options.once !== true })
          for (const fix of fixesOf(findings)) await at.database.admin.query(fix)
          expect((await lintWith(rule, at)).filter(ofSeverity)).toEqual([])
          if (options.unproven === undefined) await expectProven(at, findings)
        })
      },
      slow,
    )

    it('stays silent on the good SQL of its page', async () => {
      expect(await lintSql(rule, cases.good, cases.tables, cases.model)).toEqual([])
    })
  })
}
