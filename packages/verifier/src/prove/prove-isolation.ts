import type { CatalogSnapshot } from 'watertight/catalog'
import type { Command, TenancyModel } from 'watertight/model'
import { loadParser } from '../expr/index.js'
import type { ClassifiedTable } from '../graph/classify.js'
import type { RuntimeRoleName } from '../graph/runtime-roles.js'
import type { KernelMeaning } from './encode/encoding.js'
import { decide } from './decide.js'
import type { Decided } from './decide.js'
import type { Subject } from './encode/encoding.js'
import { withAuthority } from './gates/authority.js'
import { catalogDecision, settingDefault } from './gates/catalog-facts.js'
import { withForeignKeys } from './gates/foreign-keys.js'
import { withGrantAuthority } from './gates/grant-authority.js'
import { keptLinks } from './gates/kept-links.js'
import { withUpsert } from './gates/upsert.js'
import { ownerViewWrites } from './gates/owner-view-writes.js'
import { ownerViewResults } from './gates/owner-views.js'
import { otherRoles, sharedFate } from './gates/other-roles.js'
import { viewResults } from './gates/views.js'
import type { Obligation } from './obligation.js'
import type { ProofResult } from './proof-result.js'
import { properties } from './registry.js'
import { memoised } from './solver.js'
import type { Solver } from './solver.js'
import { subjectOf } from './subject.js'

export interface ProveOptions {
  readonly model: TenancyModel
  readonly catalog: CatalogSnapshot
  /** The roles that requests run as. */
  readonly roles: readonly RuntimeRoleName[]
  readonly solver: Solver
  /** What watertight's own functions mean; by default what they do where they are genuine. */
  readonly kernel?: KernelMeaning
  readonly onProgress?: (done: number, total: number, object: string) => void
}

const commands: readonly Command[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']

/**
 * Proves for every protected table, role and command that no row of another tenant is reached,
 * whatever the data and the context, or says why that is not known.
 *
 * @throws PARSER_NOT_LOADED never: the parser is loaded here.
 */
export async function proveIsolation(options: ProveOptions): Promise<readonly ProofResult[]> {
  await loadParser()
  const { model, catalog } = options
  const subject = subjectOf(model, catalog, options.kernel)
  const solver = memoised(options.solver)
  const tables = subject.tables.tables.filter(({ name }) => subject.tables.isProtected(name))
  const results: ProofResult[] = []
  for (const [index, table] of tables.entries()) {
    options.onProgress?.(index, tables.length, table.name)
    const others = otherRoles(subject, table, options.roles)
    for (const command of commands) {
      const cells: ProofResult[] = []
      for (const { name } of options.roles) {
        cells.push(await proveCell(subject, table, name, command, solver))
      }
      const undeclared: ProofResult[] = []
      for (const name of others) {
        undeclared.push(await proveCell(subject, table, name, command, solver))
      }
      results.push(...sharedFate(cells, undeclared))
    }
  }
  results.push(...(await ownerViewResults(subject, options.roles, solver)))
  results.push(...(await ownerViewWrites(subject, options.roles, solver)))
  const policies = withUpsert(subject, withAuthority(subject, withUpsert(subject, results)))
  const kept = await keptLinks(subject, options.roles, solver)
  const keys = withForeignKeys(subject, policies, options.roles, kept)
  const judged = withGrantAuthority(subject, keys)
  const done = new Set(
    judged.flatMap(({ role, object, command }) =>
      command === 'SELECT' ? [`${role} ${object}`] : [],
    ),
  )
  const views = viewResults(subject, options.roles, judged)
  return [...judged, ...views.filter(({ role, object }) => !done.has(`${role} ${object}`))]
}

/** Every role that the role can become must hold; the worst answer counts. */
async function proveCell(
  subject: Subject,
  table: ClassifiedTable,
  role: string,
  command: Command,
  solver: Solver,
): Promise<ProofResult> {
  const cell = { object: table.name, role, command }
  let proven: ProofResult = { ...cell, verdict: 'proven', reason: noPrivilege, assumptions: [] }
  for (const actor of actorsOf(subject, role)) {
    const result = { ...cell, ...(await proveAs(subject, { table, role, actor, command }, solver)) }
    if (result.verdict !== 'proven') {
      return actor === role ? result : { ...result, reason: `as ${actor}: ${result.reason}` }
    }
    if (result.reason !== noPrivilege) proven = result
  }
  return proven
}

const noPrivilege = 'the role holds no such privilege'

function actorsOf(subject: Subject, role: string): readonly string[] {
  const others = [...subject.access.closure(role).reachable].filter((name) => name !== role)
  return [role, ...others.toSorted()]
}

async function proveAs(
  subject: Subject,
  obligation: Obligation,
  solver: Solver,
): Promise<Pick<ProofResult, 'verdict' | 'reason' | 'assumptions' | 'counterexample'>> {
  const decision = catalogDecision(subject, obligation)
  if (decision !== undefined) return { ...decision, assumptions: [] }
  const standing = settingDefault(subject, obligation.actor)
  if (standing !== undefined) return { verdict: 'unknown', reason: standing, assumptions: [] }
  const applicable = properties.filter((property) => property.appliesTo(obligation, subject))
  if (applicable.length === 0) {
    const reason = 'no property speaks about the command; a live probe may show more'
    return { verdict: 'unknown', reason, assumptions: [] }
  }
  const assumptions = new Set<string>()
  for (const property of applicable) {
    const decided = await decide(subject, property, obligation, solver).catch(failed)
    if (decided.verdict !== 'proven') return decided
    for (const assumption of decided.assumptions) assumptions.add(assumption)
  }
  const held = applicable.map(({ id }) => id).join(', ')
  const reason = `whatever the data and the context, the policies keep: ${held}`
  return { verdict: 'proven', reason, assumptions: [...assumptions].toSorted() }
}

/** A fault of the prover leaves the cell open, never the run without an answer. */
function failed(error: unknown): Decided {
  const what = error instanceof Error ? error.message : String(error)
  return { verdict: 'unknown', reason: `the prover failed: ${what}`, assumptions: [] }
}
