import { readCatalog } from 'watertight/catalog'
import { trustedSql } from 'watertight/sql'
import { expect } from 'vitest'
import { defaultLimits, inRolledBackTransaction } from '../src/attack/session.js'
import type { Finding } from '../src/findings/index.js'
import { lintInput } from '../src/lint/lint-input.js'
import { proveIsolation } from '../src/prove/prove-isolation.js'
import { makeRows, reachedRows } from './own-rows.js'
import type { CaseDatabase } from './readme-cases.js'
import { sharedSolver } from './shared-solver.js'

/** The fixes of findings, each once, in their order. */
export function fixesOf(findings: readonly Finding[]): readonly string[] {
  return [...new Set(findings.flatMap(({ fix }) => (fix === null ? [] : [fix.sql])))]
}

/**
 * Applies fixes in a transaction that is rolled back, over rows of two tenants: every row that the
 * rightful tenant could read, change, delete or write before is within its reach after, and of the
 * objects that the findings name no row of the other one is. Also runs fixes twice where they may be.
 */
export async function expectNothingLost(
  at: CaseDatabase,
  findings: readonly Finding[],
  options: { readonly repeatable: boolean },
): Promise<void> {
  const { admin } = at.database
  const catalog = await readCatalog(admin, { schemas: 'all' })
  const input = lintInput(at.model, catalog, new Date())
  const about = new Set(findings.flatMap(({ evidence }) => evidence.objects))
  await inRolledBackTransaction(admin, defaultLimits, async (session) => {
    await makeRows(input, session)
    const before = await reachedRows(input, session)
    for (const fix of [...fixesOf(findings), ...(options.repeatable ? fixesOf(findings) : [])]) {
      expect({ fix, ...(await session.admin(trustedSql(fix))) }).toMatchObject({ ok: true })
    }
    const after = await reachedRows(input, session)
    const lost = before.filter(
      ({ cell, own }) => own > (after.find((each) => each.cell === cell)?.own ?? 0),
    )
    expect(lost).toEqual([])
    expect(after.filter(({ object, foreign }) => about.has(object) && foreign > 0)).toEqual([])
    // Without a row that is reached the comparison would say nothing.
    expect(after.some(({ own }) => own > 0)).toBe(true)
  })
}

/** The prover proves every cell of the protected tables that the findings name. */
export async function expectProven(at: CaseDatabase, findings: readonly Finding[]): Promise<void> {
  const catalog = await readCatalog(at.database.admin, { schemas: 'all' })
  const { tables, roles } = lintInput(at.model, catalog, new Date())
  const about = new Set(findings.flatMap(({ evidence }) => evidence.objects))
  if (![...about].some((name) => tables.isProtected(name))) return
  const solver = await sharedSolver()
  const proofs = await proveIsolation({ model: at.model, catalog, roles, solver })
  const open = proofs.filter(
    ({ object, verdict }) =>
      about.has(object) && tables.isProtected(object) && verdict !== 'proven',
  )
  expect(open.map(({ object, command, reason }) => [object, command, reason])).toEqual([])
}
