import type { ContextInput } from 'watertight/model'
import type { Evidence } from './inference.js'
import type { InferredKey } from './infer-tenant-key.js'

/** Where the existing policies find the tenant, and from what that was read. */
export interface InferredContext {
  readonly context: ContextInput
  readonly reason: string
}

/**
 * Reads the kind of context off the existing policies: the settings they read. Null without any,
 * when nothing speaks against the signed default.
 */
export function inferContext(
  { catalog, code }: Evidence,
  key: InferredKey | null,
): InferredContext | null {
  if (catalog.schemas.some(({ name }) => name === 'watertight')) {
    const body = catalog.functions.find(
      ({ schema, name }) => schema === 'watertight' && name === 'tenant_id',
    )?.body
    if (body?.includes('watertight.context')) {
      return { context: { kind: 'signed' }, reason: 'the kernel in schema watertight is signed' }
    }
  }
  const settings = [...new Set(code.flatMap(settingsIn))]
  const stem = (key?.column ?? 'tenant').replace(/_?id$/i, '')
  const tenant =
    settings.find((name) => lastPart(name).toLowerCase() === key?.column.toLowerCase()) ??
    settings.find((name) => lastPart(name).toLowerCase().includes(stem.toLowerCase())) ??
    settings.find((name) => /tenant|org|account|workspace/i.test(lastPart(name)))
  const user = settings.find((name) => name !== tenant && /user|uid|actor/i.test(lastPart(name)))
  if (tenant !== undefined) {
    return {
      context: { kind: 'guc', tenant, ...(user !== undefined && { user }) },
      reason: `policies or functions read the setting ${tenant}`,
    }
  }
  const claims = settings.find((name) => /jwt\.claims?$|claims$/.test(name))
  if (claims === undefined) return null
  const claim = code.flatMap(claimsIn).find((name) => /tenant|org|account|workspace/i.test(name))
  return {
    context: {
      kind: 'jwt-claims',
      guc: claims,
      tenant: `/${claim ?? key?.column ?? 'tenant_id'}`,
      user: '/sub',
    },
    reason: `policies or functions read the claims in ${claims}`,
  }
}

function settingsIn(text: string): string[] {
  const calls = text.matchAll(/current_setting\s*\(\s*'([^']+)'/gi)
  return [...calls].flatMap(([, name]) =>
    name !== undefined && name.includes('.') && name !== 'watertight.context' ? [name] : [],
  )
}

function claimsIn(text: string): string[] {
  return [...text.matchAll(/->>?\s*'([^']+)'/g)].flatMap(([, name]) => name ?? [])
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
