import { defineTenancy } from 'watertight/model'
import type { TenancyInput } from 'watertight/model'
import { createTestDatabase } from '../../../test/database.js'
import { check } from '../src/check/check.js'
import type { CheckResult } from '../src/findings/index.js'
import { sharedSolver } from './shared-solver.js'

/** Runs a script in a database of its own, with the application's role for APP, and checks that. */
export async function judgeScript(
  script: string,
  model: TenancyInput,
  { live = true }: { readonly live?: boolean } = {},
): Promise<CheckResult> {
  const solver = await sharedSolver()
  const database = await createTestDatabase()
  try {
    const app = `${database.rolePrefix}_app`
    await database.admin.query(`create role ${app}; ${script.replaceAll('APP', app)}`)
    const asked = defineTenancy({ ...model, roles: { app } })
    return await check(database.admin, { model: asked, solver, live, now: () => new Date() })
  } finally {
    await database.drop()
  }
}
