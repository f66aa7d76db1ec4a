import type { TableDraft } from '../sections/tables.js'
import { tableKey } from '../table-name.js'
import type { ContextSource, RoleNames, TenantKey } from '../tenancy-model.js'

/** What the declaration of a table is judged against. */
export interface Surroundings {
  readonly tenantKey: TenantKey
  readonly hasOrgUnits: boolean
  readonly context: ContextSource
  readonly roles: RoleNames
}

type Rule = (draft: TableDraft, surroundings: Surroundings) => void

function namesUser(context: ContextSource): boolean {
  return (context.kind !== 'guc' && context.kind !== 'jwt-claims') || context.user !== null
}

const orgScopeNeedsOrgUnits: Rule = ({ at, declaration }, { hasOrgUnits }) => {
  if (hasOrgUnits) return
  if (declaration.scope === 'org') {
    at.key('scope').report('scope "org" needs `orgUnits` to be declared')
  } else if (declaration.orgColumn !== null) {
    at.key('orgColumn').report('needs `orgUnits` to be declared')
  }
}

const selfScopeNeedsUser: Rule = ({ at, declaration }, { context }) => {
  if (declaration.scope !== 'self') return
  if (declaration.userColumn === null && !at.key('userColumn').isFaulty) {
    at.key('userColumn').report('scope "self" needs the column that holds the row\'s user')
  }
  if (!namesUser(context)) {
    at.key('scope').report('scope "self" needs `context.user`, or no row belongs to anyone')
  }
}

const userColumnsBelongToSelf: Rule = ({ at, declaration }) => {
  if (declaration.scope === 'self' || at.key('scope').isFaulty) return
  for (const field of ['userColumn', 'sharedThrough'] as const) {
    if (declaration[field] !== null) at.key(field).report('is only for scope "self"')
  }
}

const keyColumnsFitScope: Rule = ({ at, declaration }) => {
  const { scope } = declaration
  if (scope === 'global') {
    for (const field of ['tenantColumn', 'through'] as const) {
      if (declaration[field] !== null) {
        at.key(field).report('contradicts scope "global": such a table belongs to no tenant')
      }
    }
  }
  if (declaration.orgColumn !== null && scope !== null && scope !== 'org') {
    at.key('orgColumn').report('is only for scope "org"')
  }
}

const throughReplacesTenantColumn: Rule = ({ at, table, declaration }, { tenantKey }) => {
  if (declaration.through === null) return
  if (declaration.tenantColumn !== null) {
    at.key('tenantColumn').report('cannot be given together with `through`: the parent decides')
  }
  if (tenantKey.columnByTable[tableKey(table)] !== undefined) {
    at.key('through').report(
      'cannot be given for a table that `tenantKey.columnByTable` names a column of',
    )
  }
}

const ownRowsSayWhose: Rule = ({ at, declaration }, { context }) => {
  const { ownRows, scope } = declaration
  const place = at.key('ownRows')
  if (ownRows === null || place.isFaulty) return
  if (scope === 'global' || scope === 'self') {
    place.report(`is only for the scopes "tenant" and "org", and the table has scope "${scope}"`)
  }
  if ((ownRows.userColumn === null) === (ownRows.through === null)) {
    place.report("needs the column of the row's user or the parent that has it: one of the two")
  }
  if (!namesUser(context)) place.report('needs `context.user`, or no row belongs to anyone')
  if (ownRows.unless === null) return
  if (ownRows.through !== null) {
    place.key('unless').report('cannot be given together with `through`: the parent decides')
  } else if (context.kind !== 'signed') {
    place.key('unless').report('needs a signed context: others carry no capabilities')
  }
}

const appendOnlyForbidsChanges: Rule = ({ at, declaration }) => {
  if (!declaration.appendOnly) return
  const { commands, workerCommands } = declaration
  for (const command of ['UPDATE', 'DELETE'] as const) {
    if (commands.includes(command)) {
      at.key('commands').report(`${command} contradicts \`appendOnly\``)
    } else if (workerCommands.includes(command)) {
      at.key('workerCommands').report(`${command} contradicts \`appendOnly\``)
    }
  }
}

const workerCommandsNeedTenant: Rule = ({ at, declaration }, { roles }) => {
  const { scope, commands, workerCommands } = declaration
  if (workerCommands === commands) return
  if (roles.worker === null) {
    at.key('workerCommands').report('needs a role to run them: `roles.worker` is not declared')
  } else if (scope === 'global') {
    at.key('workerCommands').report('contradicts scope "global": jobs only read such a table')
  }
}

const accessNeedsRole: Rule = ({ at, declaration }, { roles }) => {
  for (const role of ['public', 'auditor'] as const) {
    if (declaration[role] !== null && roles[role] === null) {
      at.key(role).report(`needs a role to read it: \`roles.${role}\` is not declared`)
    }
  }
}

const rules: readonly Rule[] = [
  orgScopeNeedsOrgUnits,
  selfScopeNeedsUser,
  userColumnsBelongToSelf,
  keyColumnsFitScope,
  throughReplacesTenantColumn,
  ownRowsSayWhose,
  appendOnlyForbidsChanges,
  workerCommandsNeedTenant,
  accessNeedsRole,
]

/** Reports where a table's declaration contradicts itself or what it relies on. */
export function checkTable(draft: TableDraft, surroundings: Surroundings): void {
  for (const rule of rules) rule(draft, surroundings)
}
