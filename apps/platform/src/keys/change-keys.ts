import type { Queryable } from 'watertight/sql'
import type { KeyChange, KeyContext } from 'watertight/tenants'
import { stateAfter } from 'watertight/tenants'
import { ApiProblem } from '../api/api-problem.js'
import type { HeldKey, KeyRow } from './key-repository.js'
import { findKey, insertKey, keyPurposes, lockVersions, setKeyState } from './key-repository.js'
import { newKeyProvider, providerNamed } from './key-setup.js'

function contextOf({ tenant_id: tenantId, purpose, version }: HeldKey): KeyContext {
  return { tenantId, purpose, version }
}

/** What people call a version of a key, and type to confirm that it goes: `credentials-v2`. */
export function keyName({ purpose, version }: Pick<KeyRow, 'purpose' | 'version'>): string {
  return `${purpose}-v${String(version)}`
}

/** Makes the first version of every key that the tenant lacks; safe to run again. */
export async function createMissingKeys(db: Queryable, tenantId: string): Promise<void> {
  for (const purpose of keyPurposes) {
    const versions = await lockVersions(db, tenantId, purpose)
    if (versions.length === 0) await addVersion(db, { tenantId, purpose, version: 1 })
  }
}

async function addVersion(db: Queryable, context: KeyContext): Promise<KeyRow> {
  const provider = newKeyProvider()
  const reference = await provider.create(context)
  return insertKey(db, { ...context, provider: provider.name, reference })
}

/**
 * Makes a new active version; the one before opens what it sealed until that is sealed anew. A
 * disabled version stays disabled.
 */
export async function rotateKey(db: Queryable, tenantId: string, purpose: string): Promise<KeyRow> {
  const versions = await lockVersions(db, tenantId, purpose)
  const active = versions.find(({ state }) => state === 'active')
  if (active !== undefined) await setKeyState(db, active.id, 'rotating', active.key_reference)
  const version = Math.max(0, ...versions.map((each) => each.version)) + 1
  return addVersion(db, { tenantId, purpose, version })
}

/**
 * Disables, enables or destroys a version, at its provider too; undefined when there is no such one.
 *
 * @throws {ApiProblem} CONFLICT when its state does not allow that, or `confirm` is not its name.
 */
export async function changeKey(
  db: Queryable,
  id: string,
  change: Exclude<KeyChange, 'replace' | 'activate'>,
  confirm: string | null = null,
): Promise<KeyRow | undefined> {
  const found = await findKey(db, id)
  if (found === undefined) return undefined
  const versions = await lockVersions(db, found.tenant_id, found.purpose)
  const key = versions.find((each) => each.id === id)
  if (key === undefined) return undefined
  if (change === 'destroy' && confirm !== keyName(key)) {
    throw new ApiProblem('CONFLICT', `confirm with the name of the key, ${keyName(key)}`)
  }
  const hasSuccessor = versions.some(({ version }) => version > key.version)
  const actual = change === 'enable' && !hasSuccessor ? 'activate' : change
  const state = stateAfter(key.state, actual)
  if (state === null) throw new ApiProblem('CONFLICT', `the key is ${key.state}`)
  const reference = await providerNamed(key.provider)[change](key.key_reference, contextOf(key))
  return setKeyState(db, id, state, reference)
}
