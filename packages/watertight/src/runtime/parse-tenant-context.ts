import type { Problem } from '../errors/index.js'
import { WatertightError } from '../errors/index.js'
import type { KeyType } from '../model/index.js'
import { kindOf, parseId } from './identifier-value.js'
import type { ContextMode, OrgScope, TenantContext } from './tenant-context.js'

/** A tenant context as an application writes it; see {@link parseTenantContext}. */
export interface TenantContextInput {
  readonly mode: ContextMode
  /** Null, written out, for a member or worker outside of any tenant; never left out by mistake. */
  readonly tenantId?: string | bigint | null
  readonly userId?: string | bigint | null
  readonly orgScope?: OrgScope | null
  readonly orgUnitId?: string | bigint | null
  readonly capabilities?: readonly string[] | null
  readonly accessGrantId?: string | bigint | null
  /** Seconds since 1970 (as in a token's `exp`), or a Date. */
  readonly expiresAt?: number | Date | null
}

export interface ParseContextOptions {
  /** Types of the ids; tenant, user and org unit are `uuid` and access grants `text` by default. */
  readonly keyTypes?: {
    readonly tenant?: KeyType
    readonly user?: KeyType
    readonly orgUnit?: KeyType
    readonly accessGrant?: KeyType
  }
  /** Lifetime in seconds of a context that names no expiry; 60 by default. */
  readonly lifetimeSeconds?: number
  /** Milliseconds since 1970; `Date.now` by default. */
  readonly now?: () => number
}

type Key = Exclude<keyof TenantContextInput, 'mode' | 'expiresAt'>

interface ModeClaims {
  readonly foreign: readonly Key[]
  readonly required: readonly Key[]
}

const claimKeys: readonly Key[] = [
  'tenantId',
  'userId',
  'orgScope',
  'orgUnitId',
  'capabilities',
  'accessGrantId',
]

function modeClaims(allowed: readonly Key[], required: readonly Key[]): ModeClaims {
  return { foreign: claimKeys.filter((key) => !allowed.includes(key)), required }
}

const ofTenant: readonly Key[] = ['tenantId', 'userId', 'orgScope', 'orgUnitId', 'capabilities']
const ofGrant: readonly Key[] = ['tenantId', 'userId', 'accessGrantId']

const claims: Record<ContextMode, ModeClaims> = {
  member: modeClaims(ofTenant, ['tenantId']),
  worker: modeClaims(ofTenant, ['tenantId']),
  auditor: modeClaims(ofGrant, ofGrant),
  platform: modeClaims(ofGrant, ['userId']),
  public: modeClaims([], []),
}

/**
 * Outside of any tenant, which takes a tenant that is null and not one that is missing: what is left
 * out was forgotten. Units and capabilities are a tenant's.
 */
const tenantless: Partial<Record<ContextMode, ModeClaims>> = {
  member: modeClaims(['userId'], ['userId']),
  worker: modeClaims(['userId'], []),
}

const orgScopes: readonly unknown[] = ['unit', 'subtree', 'all'] satisfies readonly OrgScope[]
const maxCapabilities = 256
const noCapabilities: readonly string[] = Object.freeze([])
/** 9999-12-31; a later expiry is a value in milliseconds. */
const lastExpiry = 253_402_300_799

// INVARIANT: only contexts that parseTenantContext made are in here, so a cast cannot forge one.
const parsed = new WeakSet<object>()

/** True for what {@link parseTenantContext} returned, and for nothing else. */
export function isTenantContext(value: unknown): value is TenantContext {
  return typeof value === 'object' && value !== null && parsed.has(value)
}

/**
 * Parses untrusted claims into a {@link TenantContext}. Ids become the text PostgreSQL prints for
 * their type (uuids in lower case), optional claims become null, and a context without an expiry
 * lives for 60 seconds.
 *
 * With `tenantId: null` a member is a user outside of any tenant, who reaches rows of that user and
 * no tenant's, and a worker one that looks for work: both may call what the model discloses to them.
 *
 * @throws INVALID_CONTEXT with every problem and its path: a missing, undefined, empty, oversized
 * or wrongly typed claim, a claim the mode does not have, an unknown key.
 *
 * @example
 * ```ts
 * const context = parseTenantContext({
 *   mode: 'member',
 *   tenantId: '0195B4F0-5B5C-7000-8000-000000000001',
 *   userId: claims.sub,
 *   expiresAt: claims.exp,
 * })
 * await tx.query(context, 'select * from invoices')
 * // select pg_catalog.set_config('watertight.context', '<mac>.k1.v2-member.1767225600.0195…', true)
 * // select * from invoices
 * ```
 */
export function parseTenantContext(
  input: unknown,
  options: ParseContextOptions = {},
): TenantContext {
  const problems: Problem[] = []
  let context: TenantContext | null = null
  try {
    context = read(input, options, problems)
  } catch {
    // SECURITY: a getter or proxy in hostile input may throw anything, with anything in its text.
    problems.push({ path: '', message: 'cannot be read' })
  }
  if (context === null || problems.length > 0) {
    const list = problems.map(({ path, message }) => `${path || 'context'} ${message}`).join('; ')
    throw new WatertightError('INVALID_CONTEXT', `not a tenant context: ${list}`, { problems })
  }
  parsed.add(context)
  return context
}

/** The properties of the input, each read once, and none that a prototype may hold. */
type Given = Record<keyof TenantContextInput, unknown>

function givenBy(input: object, problems: Problem[]): Given {
  const given: Given = {
    mode: undefined,
    tenantId: undefined,
    userId: undefined,
    orgScope: undefined,
    orgUnitId: undefined,
    capabilities: undefined,
    accessGrantId: undefined,
    expiresAt: undefined,
  }
  for (const key of Object.keys(input)) {
    const value = (input as Readonly<Record<string, unknown>>)[key]
    if (!Object.hasOwn(given, key)) {
      problems.push({ path: JSON.stringify(key.slice(0, 64)), message: 'is not a known key' })
    } else if (value === undefined) {
      problems.push({ path: key, message: 'is undefined: leave the key out, or pass null' })
    } else {
      given[key as keyof Given] = value
    }
  }
  return given
}

function read(
  input: unknown,
  options: ParseContextOptions,
  problems: Problem[],
): TenantContext | null {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    problems.push({ path: '', message: `must be an object, not ${kindOf(input)}` })
    return null
  }
  const given = givenBy(input, problems)
  const { mode } = given
  if (!isMode(mode)) {
    problems.push({ path: 'mode', message: `must be one of ${Object.keys(claims).join(', ')}` })
    return null
  }
  rejectKeys(given, mode, problems)

  const { tenant = 'uuid', user = 'uuid', orgUnit = 'uuid' } = options.keyTypes ?? {}
  const readId = (key: Key, type: KeyType): string | null => {
    const value = given[key] ?? null
    if (value === null) return null
    const id = parseId(value, type)
    if (id.ok) return id.id
    problems.push({ path: key, message: id.message })
    return null
  }
  const tenantId = readId('tenantId', tenant)
  const userId = readId('userId', user)
  const orgUnitId = readId('orgUnitId', orgUnit)
  const accessGrantId = readId('accessGrantId', options.keyTypes?.accessGrant ?? 'text')
  const orgScope = readOrgScope(given, problems)
  if (mode === 'platform' && tenantId !== null && (given.accessGrantId ?? null) === null) {
    problems.push({ path: 'accessGrantId', message: 'is required to enter a tenant' })
  }
  const context = {
    mode,
    tenantId,
    userId,
    orgScope,
    orgUnitId,
    capabilities: readCapabilities(given.capabilities ?? [], problems),
    accessGrantId,
    expiresAt: readExpiry(given.expiresAt ?? null, options, problems),
  }
  // The claims table above and `problems` hold the rules that make this one of the union.
  return Object.freeze(context) as unknown as TenantContext
}

function isMode(value: unknown): value is ContextMode {
  return typeof value === 'string' && Object.hasOwn(claims, value)
}

function rejectKeys(given: Given, mode: ContextMode, problems: Problem[]): void {
  const isTenantless = given.tenantId === null
  const { foreign, required } = (isTenantless ? tenantless[mode] : undefined) ?? claims[mode]
  const where = isTenantless ? ' without a tenant' : ''
  for (const key of foreign) {
    if ((given[key] ?? null) !== null) {
      problems.push({ path: key, message: `does not exist in mode ${mode}${where}` })
    }
  }
  for (const key of required) {
    if ((given[key] ?? null) === null) {
      problems.push({ path: key, message: `is required in mode ${mode}${where}` })
    }
  }
}

function readOrgScope(given: Given, problems: Problem[]): OrgScope | null {
  const scope = given.orgScope ?? null
  const hasUnit = (given.orgUnitId ?? null) !== null
  if (scope !== null && !orgScopes.includes(scope)) {
    problems.push({ path: 'orgScope', message: `must be one of ${orgScopes.join(', ')}` })
    return null
  }
  const needsUnit = scope === 'unit' || scope === 'subtree'
  if (needsUnit && !hasUnit) {
    problems.push({ path: 'orgUnitId', message: `is required with org scope ${scope}` })
  } else if (!needsUnit && hasUnit) {
    problems.push({ path: 'orgUnitId', message: 'goes with org scope unit or subtree only' })
  }
  return scope as OrgScope | null
}

function readCapabilities(value: unknown, problems: Problem[]): readonly string[] {
  if (!Array.isArray(value) || value.length > maxCapabilities) {
    problems.push({
      path: 'capabilities',
      message: `must be an array of at most ${maxCapabilities} strings`,
    })
    return []
  }
  if (value.length === 0) return noCapabilities
  const capabilities = new Set<string>()
  for (const [index, item] of value.entries()) {
    const capability = parseId(item, 'text')
    if (capability.ok) capabilities.add(capability.id)
    else problems.push({ path: `capabilities[${index}]`, message: capability.message })
  }
  return Object.freeze([...capabilities].sort())
}

function readExpiry(value: unknown, options: ParseContextOptions, problems: Problem[]): number {
  const now = Math.floor((options.now ?? Date.now)() / 1000)
  if (value === null) return now + (options.lifetimeSeconds ?? 60)
  const seconds = value instanceof Date ? Math.floor(value.getTime() / 1000) : value
  if (typeof seconds === 'number' && Number.isInteger(seconds)) {
    if (seconds >= 0 && seconds <= lastExpiry) return seconds
  }
  problems.push({
    path: 'expiresAt',
    message: 'must be a Date or a whole number of seconds since 1970 (not milliseconds)',
  })
  return 0
}
