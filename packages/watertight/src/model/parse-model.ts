import type { Problem } from '../errors/index.js'
import { WatertightError } from '../errors/index.js'
import { resolveTenantColumn } from './columns-of.js'
import { deepFreeze } from './deep-freeze.js'
import { schemaName } from './names.js'
import { readFields } from './parsing/fields.js'
import { listOf, oneOf } from './parsing/parser.js'
import { Place } from './parsing/place.js'
import { checkDisclosures } from './rules/disclosure-rules.js'
import { checkTable } from './rules/table-rules.js'
import { checkThroughChains } from './rules/through-rules.js'
import { acceptedFindings } from './sections/accepted-findings.js'
import { accessGrants } from './sections/access-grants.js'
import { contextSource, signedContext } from './sections/context-source.js'
import { disclosures } from './sections/disclosures.js'
import { defaultKeyType } from './sections/key-type.js'
import { orgUnits } from './sections/org-units.js'
import { defaultRolePrefix, roleNames, rolesByPrefix } from './sections/role-names.js'
import type { TableDraft } from './sections/tables.js'
import { tables } from './sections/tables.js'
import { defaultTenantKey, tenantKey, userKey } from './sections/tenant-key.js'
import { anyTable, tableKey } from './table-name.js'
import type { TenancyInput } from './tenancy-input.js'
import type {
  ContextSource,
  TenantKey,
  OptionalGroup,
  TableName,
  TenancyModel,
} from './tenancy-model.js'

const optionalGroups: readonly OptionalGroup[] = ['composite-foreign-keys', 'tenant-unique-keys']

const shownProblems = 5

function readModel(input: unknown, problems: Problem[]): TenancyModel {
  const fields = readFields(input, new Place('', problems), [
    'tenantKey',
    'userKey',
    'orgUnits',
    'accessGrants',
    'context',
    'roles',
    'schemas',
    'tables',
    'disclosures',
    'include',
    'accept',
  ])
  const schemas = fields.required('schemas', listOf(schemaName, { atLeast: 1 }))
  const table = anyTable
  const key = fields.optional('tenantKey', tenantKey(table)) ?? defaultTenantKey
  const user = fields.optional('userKey', userKey) ?? { type: defaultKeyType }
  const units = fields.optional('orgUnits', orgUnits(table)) ?? null
  const grants = fields.optional('accessGrants', accessGrants(table)) ?? null
  const context = fields.optional('context', contextSource(table)) ?? signedContext
  const roles = fields.optional('roles', roleNames) ?? rolesByPrefix(defaultRolePrefix)
  const drafts = fields.optional('tables', tables(table)) ?? new Map<string, TableDraft>()
  const disclosed = fields.optional('disclosures', disclosures(table))
  const include = fields.optional('include', listOf(oneOf(optionalGroups))) ?? []
  const accept = fields.optional('accept', acceptedFindings) ?? []

  const contextHoldsUnits = context.kind === 'guc' && context.orgUnits !== null
  const unitsAt = fields.at.key('orgUnits')
  if (units?.table === null && !contextHoldsUnits && !unitsAt.isFaulty) {
    unitsAt
      .key('table')
      .report('is required unless `context.orgUnits` names a setting that holds the units')
  }
  if (key.activeWhere !== null) checkActiveWhere(key, context, fields.at.key('tenantKey'))
  if (context.kind === 'membership' && context.owner !== null && key.table === null) {
    fields.at.key('context').key('owner').report('needs `tenantKey.table`, whose column it is')
  }
  const surroundings = { tenantKey: key, hasOrgUnits: units !== null, context, roles }
  for (const draft of drafts.values()) checkTable(draft, surroundings)
  checkThroughChains(drafts)
  const disclosing =
    disclosed &&
    checkDisclosures(disclosed, fields.at.key('disclosures'), {
      roles,
      isDeclared: (name) => drafts.has(tableKey(name)),
    })

  const tenantColumnFor = (name: TableName): string =>
    resolveTenantColumn(key, name, drafts.get(tableKey(name))?.declaration.tenantColumn)
  return {
    tenantKey: key,
    userKey: user,
    orgUnits: units && {
      ...units,
      tenantColumn:
        units.tenantColumn ?? (units.table === null ? key.column : tenantColumnFor(units.table)),
    },
    accessGrants: grants,
    context,
    roles,
    schemas: schemas ?? [],
    tables: [...drafts.values()].map(({ table: name, declaration }) => ({
      table: name,
      ...declaration,
      sharedThrough: declaration.sharedThrough && {
        ...declaration.sharedThrough,
        tenantColumn:
          declaration.sharedThrough.tenantColumn ??
          tenantColumnFor(declaration.sharedThrough.table),
      },
    })),
    disclosures: disclosing ?? null,
    include,
    accept,
  }
}

function checkActiveWhere(key: TenantKey, context: ContextSource, at: Place): void {
  const place = at.key('activeWhere')
  if (key.table === null) place.report('needs `tenantKey.table`, whose rows it is about')
  if (context.kind !== 'signed') place.report('goes with signed contexts only')
}

function summary(problems: readonly Problem[]): string {
  const lines = problems
    .slice(0, shownProblems)
    .map(({ path, message }) => (path === '' ? `  ${message}` : `  ${path}: ${message}`))
  if (problems.length > shownProblems) lines.push(`  and ${problems.length - shownProblems} more`)
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  return `the tenancy declaration has ${count}:\n${lines.join('\n')}`
}

/**
 * Parses an untrusted tenancy declaration (a configuration file, for example) into a complete,
 * consistent and frozen {@link TenancyModel} that shares nothing with the input.
 *
 * @throws INVALID_MODEL when it is malformed or contradicts itself; `problems` lists every fault
 * with its path. Nothing else is thrown, whatever the input.
 * @example
 * ```ts
 * parseModel(JSON.parse(await readFile('watertight.config.json', 'utf8')))
 * ```
 */
export function parseModel(input: unknown): TenancyModel {
  const problems: Problem[] = []
  const model = readModel(input, problems)
  if (problems.length > 0)
    throw new WatertightError('INVALID_MODEL', summary(problems), { problems })
  return deepFreeze(model)
}

/**
 * Declares a tenancy in TypeScript: {@link parseModel} with a typed input.
 *
 * @throws INVALID_MODEL when the declaration contradicts itself.
 * @example
 * ```ts
 * export default defineTenancy({
 *   schemas: ['public'],
 *   tables: {
 *     'public.invoices': { scope: 'tenant' },
 *     'public.plans': { scope: 'global' },
 *   },
 * })
 * ```
 */
export function defineTenancy(input: TenancyInput): TenancyModel {
  return parseModel(input)
}
