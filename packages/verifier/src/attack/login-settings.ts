import type { LintInput } from '../lint/rule.js'
import type { ContextSettings } from './session.js'

/**
 * What a session of the role starts with: `ALTER ROLE … SET`, in this database or in every one, and
 * `ALTER DATABASE … SET` (manual, section 20.1.3). SET ROLE alone applies none of them. Only names
 * with a dot: those are what policies read.
 */
export function loginSettings({ catalog }: LintInput, role: string): ContextSettings {
  const { database } = catalog.server
  const ranked = catalog.settingDefaults
    .filter(({ name }) => name.includes('.'))
    .filter((entry) => entry.database === null || entry.database === database)
    .filter((entry) => entry.role === null || entry.role === role)
    .toSorted((a, b) => rank(a) - rank(b))
  return [...new Map(ranked.map(({ name, value }) => [name, value]))]
}

/** The more special default wins. */
function rank(entry: { readonly role: string | null; readonly database: string | null }): number {
  return (entry.role === null ? 0 : 2) + (entry.database === null ? 0 : 1)
}
