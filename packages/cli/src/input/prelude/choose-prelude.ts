import type { Script } from '../script-file.js'
import { neonPrelude } from './neon.js'
import { supabasePrelude } from './supabase.js'

/** What `--prelude` takes. */
export const preludeChoices = ['auto', 'supabase', 'neon', 'none'] as const

/** What is loaded before the scripts, in place of what a hosted platform has ready. */
export interface Prelude {
  readonly name: 'supabase' | 'neon'
  readonly text: string
  /** The search path that the platform gives to whoever runs migrations. */
  readonly searchPath: readonly string[]
  /** Extensions that the prelude stands in for, as far as migrations use them. */
  readonly extensions: ReadonlySet<string>
}

const preludes: Readonly<Record<Prelude['name'], Prelude>> = {
  supabase: {
    name: 'supabase',
    text: supabasePrelude,
    searchPath: ['$user', 'public', 'extensions'],
    extensions: new Set([
      'pg_cron',
      'pg_net',
      'supabase_vault',
      'pgsodium',
      'pg_graphql',
      'vector',
    ]),
  },
  neon: {
    name: 'neon',
    text: neonPrelude,
    searchPath: ['$user', 'public'],
    extensions: new Set(['pg_session_jwt', 'neon']),
  },
}

/**
 * The prelude that scripts need: the one that is asked for, or the one whose functions and tables
 * they refer to without making them. Null when they need none.
 *
 * @param source - What the scripts were read from: a folder of Supabase's own layout says enough.
 */
export function choosePrelude(
  asked: (typeof preludeChoices)[number],
  scripts: readonly Script[],
  source: string,
): Prelude | null {
  if (asked === 'none') return null
  if (asked !== 'auto') return preludes[asked]
  const texts = scripts.map(({ text }) => withoutComments(text))
  const says = (pattern: RegExp): boolean => texts.some((text) => pattern.test(text))
  if (says(makesAuth)) return null
  if (says(neonParts)) return preludes.neon
  if (says(supabaseParts)) return preludes.supabase
  const isOfSupabase =
    /(^|[/\\])supabase([/\\]|$)/.test(source) && says(supabaseRoles) && !says(makesRoles)
  return isOfSupabase ? preludes.supabase : null
}

/** A dump of the whole platform, or a stand-in of one's own. */
const makesAuth =
  /create\s+(or\s+replace\s+)?(function|table|table\s+if\s+not\s+exists)\s+"?auth"?\s*\.\s*"?(uid|user_id|jwt|users)\b|create\s+schema\s+"?auth"?\s*;/i

const neonParts = /\bauth"?\s*\.\s*"?(user_id|session)"?\s*\(|\bpg_session_jwt\b/i

const supabaseParts =
  /\bauth"?\s*\.\s*"?(uid|jwt|role|email)"?\s*\(|\bauth"?\s*\.\s*"?users\b|\bstorage"?\s*\.\s*"?(objects|buckets|foldername)\b|\brealtime"?\s*\.\s*"?(messages|topic)\b|\bpublication\s+"?supabase_realtime\b/i

const supabaseRoles = /\b(to|from|for\s+role)\s+"?(anon|authenticated|service_role)\b/i

const makesRoles = /\bcreate\s+role\s+"?(anon|authenticated)\b/i

function withoutComments(text: string): string {
  return text.replace(/--[^\n]*/g, '').replace(/\/\*.*?\*\//gs, '')
}
