import { readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import type { Command, TenancyModel } from 'watertight/model'
import type { Queryable } from 'watertight/sql'
import { toolName, toolVersion } from '../check/tool.js'
import { loadParser } from '../expr/index.js'
import { accessOf } from '../graph/access.js'
import { classify } from '../graph/classify.js'
import { objectName } from '../graph/object-name.js'
import { noKernel } from '../prove/context/kernel.js'
import type { Subject } from '../prove/encode/encoding.js'
import { memoised } from '../prove/solver.js'
import type { Solver } from '../prove/solver.js'
import { openZ3 } from '../prove/z3-solver.js'
import type { ReplayConnection } from './replay.js'
import { compareCell } from './compare-cell.js'
import type { ComparedSide } from './compare-cell.js'
import type { ComparedRelation } from './subject-rows.js'
import { dependenciesOf } from './dependencies.js'
import { diffSchemaId } from './diff-result.js'
import type { DiffCell, DiffResult, DiffVerdict } from './diff-result.js'
import { factsOf } from './facts.js'

/** One of the two databases that are compared. */
export interface DiffInput {
  /** What the user named, without credentials. */
  readonly name: string
  readonly db: Queryable
  /** A snapshot that was already read; else it is read here. */
  readonly catalog?: CatalogSnapshot
  readonly model: TenancyModel
  /**
   * Opens a superuser's connection, on which examples are tried in transactions that are rolled
   * back. Without it none is tried.
   */
  readonly connect?: () => Promise<ReplayConnection>
}

export interface DiffOptions {
  /** A solver to use; else one is opened and ended here. */
  readonly solver?: Solver
  readonly onProgress?: (done: number, total: number, object: string) => void
}

const commands: readonly Command[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']

/**
 * Says for every relation, role and command what database B allows or forbids that A does not,
 * proven by the solver or shown on both servers. Nothing is changed on either.
 *
 * @throws UNSUPPORTED_SERVER when a server is older than PostgreSQL 15 or not PostgreSQL.
 *
 * @example
 * ```ts
 * const result = await diffIsolation(before, after)
 * process.exitCode = diffExitCode(result, { allowUnknown: false })
 * ```
 */
export async function diffIsolation(
  before: DiffInput,
  after: DiffInput,
  options: DiffOptions = {},
): Promise<DiffResult> {
  if (options.solver === undefined) {
    const solver = await openZ3()
    try {
      return await diffIsolation(before, after, { ...options, solver })
    } finally {
      solver.close()
    }
  }
  await loadParser()
  const first = before.catalog ?? (await readCatalog(before.db, { schemas: 'all' }))
  const second = withSharedRelations(
    first,
    after.catalog ?? (await readCatalog(after.db, { schemas: 'all' })),
  )
  const left = sideOf(before, first)
  const right = sideOf(after, second)
  const cells = await compareAll(left, right, memoised(options.solver), options)
  const facts = factsOf(first, second)
  const count = (verdict: DiffVerdict): number =>
    cells.filter((cell) => cell.verdict === verdict).length
  return {
    schema: diffSchemaId,
    tool: { name: toolName, version: toolVersion },
    before: described(before, first),
    after: described(after, second),
    cells,
    facts,
    summary: {
      same: count('same'),
      wider: count('wider'),
      narrower: count('narrower'),
      both: count('both'),
      unknown: count('unknown'),
      facts: facts.length,
      widening: facts.filter(({ effect }) => effect === 'widens' || effect === 'unknown').length,
    },
  }
}

function described({ name }: DiffInput, { server }: CatalogSnapshot): DiffResult['before'] {
  return { name, version: server.version, versionNum: server.versionNum }
}

function sideOf({ model, connect }: DiffInput, catalog: CatalogSnapshot): ComparedSide {
  const subject: Subject = {
    catalog,
    model,
    tables: classify(model, catalog),
    access: accessOf(catalog),
    kernel: noKernel,
  }
  return {
    subject,
    dependencies: dependenciesOf(subject),
    replay: connect === undefined ? null : { connect, subject },
  }
}

/** Relations that are equal on both sides are one object, whose keys hold across them. */
function withSharedRelations(before: CatalogSnapshot, after: CatalogSnapshot): CatalogSnapshot {
  const known = new Map(before.relations.map((entry) => [objectName(entry), entry]))
  const relations = after.relations.map((entry) => {
    const other = known.get(objectName(entry))
    return other !== undefined && JSON.stringify(other) === JSON.stringify(entry) ? other : entry
  })
  return { ...after, relations }
}

async function compareAll(
  before: ComparedSide,
  after: ComparedSide,
  solver: Solver,
  { onProgress }: DiffOptions,
): Promise<readonly DiffCell[]> {
  const relations = bothRelations(before.subject.catalog, after.subject.catalog)
  const roles = comparedRoles(before.subject.catalog, after.subject.catalog)
  const cells: DiffCell[] = []
  for (const [index, [name, relation]] of relations.entries()) {
    onProgress?.(index, relations.length, name)
    for (const role of roles) {
      for (const command of commands) {
        const cell = await compareCell(before, after, { relation, role, command }, solver)
        if (cell !== null) cells.push(cell)
      }
    }
  }
  return cells
}

function bothRelations(
  before: CatalogSnapshot,
  after: CatalogSnapshot,
): readonly (readonly [string, ComparedRelation])[] {
  const own = (catalog: CatalogSnapshot): ReadonlyMap<string, Relation> =>
    new Map(
      catalog.relations
        .filter(({ persistence }) => persistence !== 'temporary')
        .map((entry) => [objectName(entry), entry]),
    )
  const [left, right] = [own(before), own(after)]
  return [...new Set([...left.keys(), ...right.keys()])].toSorted().map((name) => {
    return [name, { before: left.get(name) ?? null, after: right.get(name) ?? null }] as const
  })
}

/** Roles that a side grants something to or that own relations; superusers see all in any case. */
function comparedRoles(before: CatalogSnapshot, after: CatalogSnapshot): readonly string[] {
  const isSuper = ({ roles }: CatalogSnapshot, name: string): boolean | undefined =>
    roles.find((role) => role.name === name)?.superuser
  const named = [before, after].flatMap(({ relations }) =>
    relations.flatMap(({ owner, acl, columns, policies }) => [
      owner,
      ...[...acl, ...columns.flatMap((column) => column.acl)]
        .filter(({ isPublic }) => !isPublic)
        .map(({ grantee }) => grantee),
      ...policies.flatMap(({ roles }) => roles),
    ]),
  )
  // A member has what its roles have.
  const members = [before, after].flatMap(({ memberships }) =>
    memberships.filter(({ role }) => named.includes(role)).map(({ member }) => member),
  )
  return [...new Set([...named, ...members])]
    .filter((name) => !(isSuper(before, name) !== false && isSuper(after, name) !== false))
    .toSorted()
}
