import { WatertightError } from '../errors/index.js'
import type { ClaimMapping, ClaimSource } from './claim-mapping.js'
import type { ClaimPreset } from './claim-presets.js'
import { claimPresets } from './claim-presets.js'
import { jsonPointer } from './json-pointer.js'
import type { TokenClaims } from './token-verifier.js'

/** What a mapping finds in claims, not yet looked at. */
export interface MappedClaims {
  readonly tenant: unknown
  readonly user: unknown
  readonly capabilities: unknown
  readonly orgScope: unknown
  readonly orgUnit: unknown
}

/**
 * Compiles a mapping, or a preset by its name.
 *
 * @throws INVALID_INPUT for an unknown preset and for a text that is no JSON pointer.
 */
export function claimReader(
  given: ClaimPreset | ClaimMapping,
): (claims: TokenClaims) => MappedClaims {
  const mapping = mappingOf(given)
  const tenant = readerOf(mapping.tenant)
  const user = readerOf(mapping.user ?? '/sub')
  const capabilities = readerOf(mapping.capabilities)
  const orgScope = readerOf(mapping.orgScope)
  const orgUnit = readerOf(mapping.orgUnit)
  return (claims) => ({
    tenant: tenant(claims),
    user: user(claims),
    capabilities: listOf(capabilities(claims)),
    orgScope: orgScope(claims),
    orgUnit: orgUnit(claims),
  })
}

function mappingOf(given: unknown): ClaimMapping {
  if (typeof given === 'string' && Object.hasOwn(claimPresets, given)) {
    return claimPresets[given as ClaimPreset]
  }
  const tenant: unknown =
    typeof given === 'object' && given !== null && Reflect.get(given, 'tenant')
  if (typeof tenant === 'string' || typeof tenant === 'function') return given as ClaimMapping
  throw new WatertightError(
    'INVALID_INPUT',
    `claims must be { tenant: <JSON pointer or function>, … } or one of ${Object.keys(claimPresets).join(', ')}`,
    { object: 'claims' },
  )
}

function readerOf(source: ClaimSource | undefined): (claims: TokenClaims) => unknown {
  if (source === undefined) return () => undefined
  return typeof source === 'function' ? source : jsonPointer(source)
}

/** `scope` is one string with spaces between (RFC 8693, section 4.2). */
function listOf(value: unknown): unknown {
  return typeof value === 'string' ? value.split(' ').filter((item) => item !== '') : value
}
