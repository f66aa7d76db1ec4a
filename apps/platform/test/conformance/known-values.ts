import type { Random } from '../../../../test/random.js'
import { pathValueSources } from '../endpoint-coverage/path-values.js'
import type { Actor } from './actors.js'
import type { ApiOperation } from './api-operations.js'
import { hostileTexts } from './hostile-values.js'
import type { TenantRows } from './tenant-rows.js'

/** Ids, slugs and cursors that are known, to make requests with. */
export interface KnownValues {
  /** A value for a parameter or a member: mostly of the actor's own tenant. */
  draw(name: string, actor: Actor, random: Random, operation: ApiOperation): string
  /** A cursor that somebody got of this list, or one that nobody got. */
  cursor(operationId: string, random: Random): string
  keepCursor(operationId: string, cursor: string): void
}

/** Members that hold an id of another name than a path parameter. */
const aliases: readonly (readonly [RegExp, string])[] = [
  [/^parentId$|orgUnit/i, 'core.org_units'],
  [/user|assignee|member|person|owner|subject|requestedBy|decidedBy|author/i, 'core.users'],
  [/tenant/i, 'core.tenants'],
]

const words: Readonly<Record<string, readonly string[]>> = {
  channel: ['email', 'sms', 'in_app'],
  topic: ['alert.opened', 'event.published', 'evaluation.assigned'],
  purpose: ['credentials', 'exports', 'webhooks'],
}

/** Opens the values that the rows of a database give. */
export function openKnownValues(
  rows: TenantRows,
  slugs: { readonly org: readonly string[]; readonly slug: readonly string[] },
): KnownValues {
  const cursors = new Map<string, string[]>()
  const tableOf = (name: string, operation: ApiOperation): string | null => {
    const [first = ''] = operation.path.replace('/api/v1/', '').split('/')
    const source = pathValueSources[`${first}:${name}`] ?? pathValueSources[name]
    if (source !== undefined && 'table' in source) return source.table.join('.')
    if (source !== undefined && 'reference' in source) return source.reference.join('.')
    return aliases.find(([pattern]) => pattern.test(name))?.[1] ?? null
  }
  return {
    draw(name, actor, random, operation) {
      const listed = name === 'org' || name === 'slug' ? slugs[name] : words[name]
      if (random.chance(0.03)) return random.pick(hostileTexts)
      if (listed !== undefined) return random.pick(listed)
      if (random.chance(0.06)) return crypto.randomUUID()
      const table = tableOf(name, operation) ?? random.pick([...rows.idsOf.keys()])
      const byTenant = rows.idsOf.get(table)
      const own = byTenant?.get(actor.tenantId ?? '') ?? byTenant?.get('') ?? []
      const others = [...(byTenant?.values() ?? [])].flat()
      const ids = own.length > 0 && random.chance(0.8) ? own : others
      // The first rows are the demo's, with all that belongs to them.
      const early = ids.slice(0, 12)
      if (ids.length === 0) return crypto.randomUUID()
      return random.pick(random.chance(0.6) ? early : ids)
    },
    cursor(operationId, random) {
      const own = cursors.get(operationId) ?? []
      const all = [...cursors.values()].flat()
      if (own.length > 0 && random.chance(0.7)) return random.pick(own)
      if (all.length > 0 && random.chance(0.6)) return random.pick(all)
      return Buffer.from(JSON.stringify(random.pick(unreal))).toString('base64url')
    },
    keepCursor(operationId, cursor) {
      const kept = cursors.get(operationId) ?? []
      if (kept.length < 20) cursors.set(operationId, [...kept, cursor])
    },
  }
}

const zero = '00000000-0000-0000-0000-000000000000'
const unreal: readonly unknown[] = [
  null,
  [],
  {},
  ['2026-01-01T00:00:00Z', zero],
  ['0001-01-01T00:00:00Z', zero],
  ['9999-12-31T23:59:59+14:00', zero],
  ['2026-01-01T00:00:00Z', zero, 1],
  ['text', zero],
  ['\0', zero],
  [1e308, zero],
  [-1],
  ['9223372036854775807'],
  ['9223372036854775808', zero],
]
