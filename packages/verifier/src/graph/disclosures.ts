import type { AclItem, CatalogSnapshot, FunctionInfo, Relation } from 'watertight/catalog'
import { formatTableName } from 'watertight/model'
import type { DisclosedTable, Disclosure, TableName, TenancyModel } from 'watertight/model'
import { genuineFunctions } from 'watertight/plan'
import type { Access } from './access.js'
import { accessOf } from './access.js'
import { classify } from './classify.js'
import type { Classification } from './classify.js'
import { columnUses } from './column-uses.js'
import type { RelationUse } from './column-uses.js'
import { disclosureBodies } from './disclosure-bodies.js'
import { functionEffects } from './function-effects.js'
import { functionName } from './function-name.js'
import { graphNames, nodeId } from './graph-names.js'
import type { GraphNames } from './graph-names.js'
import { graphObjects } from './graph-objects.js'
import type { GraphObject } from './graph-objects.js'
import { objectName } from './object-name.js'
import { oncePer } from './once-per.js'
import { runtimeRoles } from './runtime-roles.js'
import { isElevated } from './tenant-gate.js'
import { reachesOf } from './reaches.js'

/** A declared disclosure beside what the database has. */
export interface ReviewedDisclosure {
  readonly disclosure: Disclosure
  /** The functions of that name: one, where all is well. */
  readonly functions: readonly FunctionInfo[]
  /** How it is or reaches more than it declares; empty when it conforms. */
  readonly faults: readonly string[]
}

/** Every disclosure of a model, judged. */
export interface DisclosureReview {
  readonly role: string | null
  /** How the role that disclosures run as may do more than they declare. */
  readonly roleFaults: readonly string[]
  readonly declared: readonly ReviewedDisclosure[]
  /** Functions that run as that role and that no disclosure declares. */
  readonly undeclared: readonly FunctionInfo[]
  /** The declaration of the function when it conforms, with all that it runs as. */
  conforming(fn: FunctionInfo): Disclosure | null
  /** Nothing but conforming disclosures runs as the role, so it reaches what they tell. */
  readonly isConfined: boolean
}

const nothing: DisclosureReview = {
  role: null,
  roleFaults: [],
  declared: [],
  undeclared: [],
  conforming: () => null,
  isConfined: false,
}

const reviews = oncePer((catalog: CatalogSnapshot) =>
  oncePer((model: TenancyModel) => review(model, catalog)),
)

/**
 * Judges whether functions that the model declares to answer across tenants do what is declared and
 * no more: who owns and may call them, what their owner may do, what their bodies read and write.
 *
 * @throws PARSER_NOT_LOADED when the model has disclosures.
 */
export function disclosureReview(model: TenancyModel, catalog: CatalogSnapshot): DisclosureReview {
  return model.disclosures === null ? nothing : reviews(catalog)(model)
}

interface Review {
  readonly model: TenancyModel
  readonly catalog: CatalogSnapshot
  readonly access: Access
  readonly tables: Classification
  readonly names: GraphNames
  readonly objects: ReadonlyMap<string, GraphObject>
  readonly role: string
  /** Names of functions of the isolation layer that are as generated. */
  readonly kernel: ReadonlySet<string>
}

function review(model: TenancyModel, catalog: CatalogSnapshot): DisclosureReview {
  if (model.disclosures === null) return nothing
  const { role, functions } = model.disclosures
  const tables = classify(model, catalog)
  const genuine = genuineFunctions(model, catalog)
  const state: Review = {
    model,
    catalog,
    access: accessOf(catalog),
    tables,
    names: graphNames(catalog),
    objects: graphObjects(catalog, tables),
    role,
    kernel: new Set(
      catalog.functions
        .filter(({ schema, name }) => schema === 'watertight' && genuine.has(name))
        .map(functionName),
    ),
  }
  const declared = functions.map((disclosure) => judge(state, disclosure))
  const known = new Set(declared.flatMap((each) => each.functions))
  const undeclared = catalog.functions.filter((fn) => fn.owner === role && !known.has(fn))
  const found = roleFaults(state, functions)
  const isConforming = found.length === 0 && declared.every(({ faults }) => faults.length === 0)
  return {
    role,
    roleFaults: found,
    declared,
    undeclared,
    conforming: (fn) => {
      if (found.length > 0) return null
      const hit = declared.find((each) => each.functions.includes(fn))
      return hit !== undefined && hit.faults.length === 0 ? hit.disclosure : null
    },
    isConfined: isConforming && undeclared.every((fn) => !isCallable(fn)),
  }
}

function isCallable(fn: FunctionInfo): boolean {
  return fn.acl.some(({ isPublic, grantee }) => isPublic || grantee !== fn.owner)
}

function judge(state: Review, disclosure: Disclosure): ReviewedDisclosure {
  const { schema, name } = disclosure.function
  const functions = state.catalog.functions.filter((fn) => fn.schema === schema && fn.name === name)
  const [fn, ...overloads] = functions
  if (fn === undefined) return { disclosure, functions, faults: ['it does not exist'] }
  if (overloads.length > 0) {
    return { disclosure, functions, faults: ['several functions have its name'] }
  }
  const faults = [
    ...shapeFaults(state, fn),
    ...callerFaults(state, disclosure, fn),
    ...bodyFaults(state, disclosure, fn),
  ]
  return { disclosure, functions, faults }
}

function shapeFaults({ role }: Review, fn: FunctionInfo): readonly string[] {
  const path = fn.settings['search_path'] ?? ''
  return [
    ...(fn.kind === 'function' && fn.extension === null ? [] : ['it is no function of its own']),
    ...(fn.securityDefiner ? [] : ['it is not SECURITY DEFINER']),
    ...(fn.owner === role ? [] : [`it runs as ${fn.owner} and not as ${role}`]),
    ...(/^(?:pg_catalog, )?pg_temp$/.test(path)
      ? []
      : ['it leaves to its caller what its names mean (search_path)']),
  ]
}

function callerFaults(
  { model, catalog, access, tables }: Review,
  { modes, callers: named }: Disclosure,
  fn: FunctionInfo,
): readonly string[] {
  const wanted = new Set([...modes.map((mode) => model.roles[mode]), ...named])
  const callers = fn.acl.filter(
    ({ privilege, grantee, isPublic }) =>
      privilege === 'EXECUTE' && (isPublic || grantee !== fn.owner),
  )
  const direct = callers.flatMap(({ grantee, isPublic, grantable }) => {
    if (isPublic) return ['everybody may call it']
    if (!wanted.has(grantee)) return [`${grantee} may call it`]
    return grantable ? [`${grantee} may let others call it`] : []
  })
  const powers = named.flatMap((name) => powersOf({ catalog, access, tables }, name))
  // A role that can become a caller calls, too.
  const indirect = runtimeRoles(model, catalog).flatMap(({ name }) =>
    !wanted.has(name) &&
    access.canExecute(name, fn) &&
    !callers.some(({ grantee, isPublic }) => isPublic || grantee === name)
      ? [`${name} may call it by becoming another role`]
      : [],
  )
  return [...direct, ...powers, ...indirect]
}

/** What a role that is there to call disclosures may do beside; nothing, where all is well. */
function powersOf(
  { catalog, access, tables }: Pick<Review, 'catalog' | 'access' | 'tables'>,
  name: string,
): readonly string[] {
  const role = catalog.roles.find((each) => each.name === name)
  if (role === undefined) return []
  if (role.superuser || role.bypassRls) return [`${name} calls it and is not bound by policies`]
  const others = [...access.closure(name).reachable].filter((other) => other !== name)
  const held = catalog.relations.filter(
    (relation) =>
      tables.isProtected(objectName(relation)) &&
      [relation, ...relation.columns].some(({ acl }) => acl.some((item) => item.grantee === name)),
  )
  return [
    ...(others.length > 0 ? [`${name} calls it and can become ${others.join(', ')}`] : []),
    ...held.map((relation) => `${name} calls it and has rights on ${objectName(relation)}`),
  ]
}

function bodyFaults(state: Review, disclosure: Disclosure, fn: FunctionInfo): readonly string[] {
  const { names, objects, kernel, role } = state
  const start = objects.get(nodeId('function', functionName(fn)))
  if (start === undefined) return ['it is not among the objects that were read']
  const { reaches, opaque } = reachesOf(start, objects)
  const isKernel = (through: readonly string[]): boolean => through.some((name) => kernel.has(name))
  const beyond = reaches
    .filter(({ through }) => !isKernel(through))
    .flatMap(({ table, access, as, through }) => {
      const chain = through.length === 0 ? '' : ` through ${through.join(', ')}`
      if (as !== null && as !== role) return [`it ${access} ${table}${chain} as ${as}`]
      const isDeclared = tablesOf(disclosure, access).some((each) => objectName(each) === table)
      return isDeclared ? [] : [`it ${access} ${table}${chain}`]
    })
  const hidden = opaque
    .filter((part) => isElevated(part) && !kernel.has(part.name))
    .map(({ name, reason }) => `${name} holds ${reason}, which cannot be read`)
  const columns = disclosureBodies(state, start).flatMap((body) => {
    const { relations, unread } = columnUses(functionEffects(body), names)
    const who = body === fn ? 'it' : functionName(body)
    return [
      ...unread.map((form) => `${who} has ${form}, whose columns are not told apart`),
      ...relations.flatMap((use) => useFaults(disclosure, use, who)),
    ]
  })
  return [...new Set([...beyond, ...hidden, ...columns])]
}

function useFaults(disclosure: Disclosure, use: RelationUse, who: string): readonly string[] {
  const { reads, inserts, updates, deletes } = disclosure
  return [
    ...columnFaults(reads, use.relation, use.reads, `${who} reads`),
    ...columnFaults(inserts, use.relation, use.inserts, `${who} inserts`),
    ...columnFaults(updates, use.relation, use.updates, `${who} updates`),
    ...(use.deletes && !includes(deletes, use.relation)
      ? [`${who} deletes from ${objectName(use.relation)}`]
      : []),
  ]
}

function tablesOf(
  { reads, inserts, updates, deletes }: Disclosure,
  access: 'reads' | 'writes',
): readonly TableName[] {
  const written = [...[...inserts, ...updates].map(({ table }) => table), ...deletes]
  // What is changed is looked for first.
  return access === 'writes' ? written : [...reads.map(({ table }) => table), ...written]
}

function columnFaults(
  declared: readonly DisclosedTable[],
  relation: Relation,
  used: ReadonlySet<string>,
  way: string,
): readonly string[] {
  const allowed = columnsOf(declared, relation)
  const more = [...used].filter((column) => !allowed.has(column)).toSorted()
  return more.length === 0 ? [] : [`${way} ${objectName(relation)} (${more.join(', ')})`]
}

function columnsOf(declared: readonly DisclosedTable[], relation: Relation): ReadonlySet<string> {
  return new Set(
    declared
      .filter(({ table }) => objectName(table) === objectName(relation))
      .flatMap(({ columns }) => columns),
  )
}

function includes(tables: readonly TableName[], relation: Relation): boolean {
  return tables.some((table) => objectName(table) === objectName(relation))
}

function roleFaults(state: Review, functions: readonly Disclosure[]): readonly string[] {
  const { catalog, model, access, role } = state
  const info = catalog.roles.find(({ name }) => name === role)
  if (info === undefined) return ['it does not exist']
  const others = [...access.closure(role).reachable].filter((name) => name !== role)
  return [
    ...(info.superuser ? ['it is a superuser'] : []),
    ...(info.bypassRls ? ['it bypasses Row Level Security'] : []),
    ...(info.canLogin ? ['it may log in'] : []),
    ...(info.createRole ? ['it may make and grant roles'] : []),
    ...(info.replication ? ['it may replicate'] : []),
    ...(others.length > 0 && !info.superuser ? [`it can become ${others.join(', ')}`] : []),
    ...runtimeRoles(model, catalog)
      .filter(({ name }) => access.closure(name).reachable.has(role))
      .map(({ name }) => `${name} can become it`),
    ...catalog.relations.flatMap((relation) => rightFaults(state, functions, relation)),
  ]
}

/** Rights of the role on one relation beyond those that its functions declare. */
function rightFaults(
  { role, tables }: Review,
  functions: readonly Disclosure[],
  relation: Relation,
): readonly string[] {
  const name = objectName(relation)
  if (relation.owner === role) return [`it owns ${name}`]
  const isSecret = tables.isProtected(name) || relation.schema === 'watertight'
  const isHeld = ({ grantee, isPublic }: AclItem): boolean =>
    isPublic ? isSecret : grantee === role
  const declared = {
    SELECT: columnsOf(
      functions.flatMap(({ reads }) => reads),
      relation,
    ),
    INSERT: columnsOf(
      functions.flatMap(({ inserts }) => inserts),
      relation,
    ),
    UPDATE: columnsOf(
      functions.flatMap(({ updates }) => updates),
      relation,
    ),
  }
  const mayDelete = functions.some(({ deletes }) => includes(deletes, relation))
  const whole = relation.acl
    .filter((item) => isHeld(item) && !(item.privilege === 'DELETE' && mayDelete && !item.isPublic))
    .map(({ privilege }) => `it may ${privilege} on ${name}`)
  const single = relation.columns.flatMap((column) =>
    column.acl
      .filter(
        (item) =>
          isHeld(item) &&
          !(isColumnPrivilege(item.privilege) && declared[item.privilege].has(column.name)),
      )
      .map(({ privilege }) => `it may ${privilege} ${name} (${column.name})`),
  )
  return [...new Set([...whole, ...single])]
}

function isColumnPrivilege(privilege: string): privilege is 'SELECT' | 'INSERT' | 'UPDATE' {
  return privilege === 'SELECT' || privilege === 'INSERT' || privilege === 'UPDATE'
}

/** What a conforming disclosure tells, for lists of what was declared and not proven. */
export function disclosureText({ function: name, reason }: Disclosure): string {
  return `${formatTableName(name)} answers across tenants, as declared: ${reason}`
}
