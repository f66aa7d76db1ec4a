import type { ContextSource } from '../model/index.js'
import { quoteIdentifier } from '../sql/index.js'
import type { PolicyFacts, PolicyFunction } from './policy-facts.js'

/** What a claim is about. */
export type ClaimKind = 'tenant' | 'grant' | 'user' | 'org' | 'mode' | 'capability'

/** Something that a policy reads of the context. */
export interface Claim {
  /** `tenant_id`, `capability orders:read`, `setting app.user_id`, `function auth.uid()`. */
  readonly name: string
  /** Null for what only the author of the policy knows. */
  readonly kind: ClaimKind | null
}

/** Kernel functions by what they return. */
export const kernelClaims: ReadonlyMap<string, ClaimKind> = new Map([
  ['tenant_id', 'tenant'],
  ['tenant_ids', 'tenant'],
  ['auditor_tenant_id', 'grant'],
  ['platform_tenant_id', 'grant'],
  ['platform_write_tenant_id', 'grant'],
  ['user_id', 'user'],
  ['org_unit_ids', 'org'],
  ['mode', 'mode'],
])

/** The claims that a term of a policy reads, itself or through functions that it calls. */
export function claimsIn(
  expression: string,
  policy: PolicyFacts,
  source: ContextSource,
): readonly Claim[] {
  const found = new Map<string, Claim>()
  const add = (claim: Claim): void => void found.set(claim.name, claim)
  const bare = expression.replaceAll(/'(?:[^']|'')*'/g, "''")
  for (const item of policy.functions) {
    if (!bare.includes(callOf(item))) continue
    if (item.schema !== 'watertight') {
      add({ name: `function ${item.schema}.${item.name}()`, kind: null })
      for (const claim of settingsIn(item.body, source)) add(claim)
    } else if (item.name === 'has_capability') {
      for (const name of capabilitiesIn(expression)) add({ name, kind: 'capability' })
    } else add({ name: item.name, kind: kernelClaims.get(item.name) ?? null })
  }
  for (const claim of settingsIn(expression, source)) add(claim)
  return [...found.values()]
}

function callOf({ schema, name }: PolicyFunction): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}(`
}

function capabilitiesIn(expression: string): readonly string[] {
  const calls = [...expression.matchAll(/watertight\.has_capability\('((?:[^']|'')*)'/g)]
  if (calls.length === 0) return ['capability']
  return calls.map(([, name = '']) => `capability ${name.replaceAll("''", "'")}`)
}

function settingsIn(text: string, source: ContextSource): readonly Claim[] {
  return [...text.matchAll(/current_setting\(\s*'((?:[^']|'')+)'/gi)].map(([, name = '']) => ({
    name: `setting ${name}`,
    kind: kindOfSetting(name, source),
  }))
}

function kindOfSetting(name: string, source: ContextSource): ClaimKind | null {
  if (source.kind === 'membership') return name === source.user.guc ? 'user' : null
  if (source.kind !== 'guc') return null
  if (name === source.tenant) return 'tenant'
  if (name === source.user) return 'user'
  return name === source.orgUnits || name === source.orgScope ? 'org' : null
}
