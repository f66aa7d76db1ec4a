import type { SettingDefault } from 'watertight/catalog'
import { ident, sql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import { contextSettings } from '../../context-settings.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** A default for a context setting gives every fresh connection a tenant that nobody chose. */
export const settingDefault: CatalogRule = {
  kind: 'catalog',
  id: 'setting-default',
  title: 'A role or database default sets the tenant context.',
  check: (input) => {
    const names = new Set(contextSettings(input.model))
    return (
      input.catalog.settingDefaults
        .filter((entry) => names.has(entry.name.toLowerCase()) && applies(input, entry))
        // The empty text is no tenant: it is what a transaction with a context leaves behind, too.
        .filter((entry) => entry.value !== '')
        .map((entry) => {
          const holder = entry.role ?? entry.database ?? input.catalog.server.database
          return makeFinding({
            rule: 'setting-default',
            severity: 'error',
            object: entry.role === null ? `database ${holder}` : `role ${holder}`,
            detail: entry.name,
            related: [holder],
            message: `Connections of ${holder} start with ${entry.name} already set: a statement without a context runs as that tenant instead of seeing nothing.`,
            evidence: { setting: entry.name, role: entry.role, database: entry.database },
            fix: fixOf(entry, input.catalog.server.database),
          })
        })
    )
  },
}

function applies(input: LintInput, entry: SettingDefault): boolean {
  return entry.role === null || input.roles.some((role) => role.name === entry.role)
}

function fixOf(entry: SettingDefault, database: string): string {
  const setting = entry.name
    .split('.')
    .map((part) => ident(part))
    .reduce((left, right) => sql`${left}.${right}`)
  if (entry.role === null) return sql`alter database ${ident(database)} reset ${setting};`.text
  const where = entry.database === null ? sql`` : sql` in database ${ident(entry.database)}`
  return sql`alter role ${ident(entry.role)}${where} reset ${setting};`.text
}
