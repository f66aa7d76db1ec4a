import type { Relation, Rule } from 'watertight/catalog'
import { contextFunctions, readsContext } from '../../../expr/context-functions.js'
import { tokenize } from '../../../expr/tokens.js'
import type { Token } from '../../../expr/tokens.js'
import { makeFinding } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { objectName } from '../../../graph/object-name.js'
import { listed } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** What a rewrite rule adds to a statement runs with the rights of the relation's owner. */
export const ruleOwnerRights: CatalogRule = {
  kind: 'catalog',
  id: 'rule-owner-rights',
  title: 'A rewrite rule works on tenant rows with the rights of the relation’s owner.',
  check: (input) => {
    const context = contextFunctions(input.catalog.functions)
    return input.catalog.relations.flatMap((relation) =>
      relation.rules.flatMap((rule) => {
        const roles = input.roles
          .map(({ name }) => name)
          .filter((role) => input.access.can(role, rule.event, relation))
        if (rule.event === 'SELECT' || roles.length === 0) return []
        if (readsContext(rule.definition, context)) return []
        const action = actionTokens(rule)
        const open = reached(input, relation, action).filter(
          () => !isBoundToCaller(input, relation, roles, action),
        )
        if (open.length === 0) return []
        const names = open.map(({ name }) => name)
        const ruleName = objectName({ schema: relation.schema, name: rule.name })
        return [
          makeFinding({
            rule: 'rule-owner-rights',
            severity: 'error',
            object: objectName(relation),
            command: rule.event,
            detail: rule.name,
            related: [...names, ruleName],
            message: `Rule ${rule.name} on ${objectName(relation)} works on ${listed(names)} as ${relation.owner}, past their policies, for whatever ${listed(roles)} writes.`,
            evidence: { owner: relation.owner, roles, tables: names, definition: rule.definition },
            remedy: `Put a trigger in the place of rule ${rule.name}, with a function that runs as the caller.`,
          }),
        ]
      }),
    )
  },
}

/** What follows `DO`. */
function actionTokens(rule: Rule): readonly Token[] {
  const tokens = tokenize(rule.definition)
  const start = tokens.findIndex((token) => !token.quoted && token.text === 'do')
  return tokens.slice(start + 1)
}

/** Protected tables that the action names and that do not bind the owner of the relation. */
function reached(
  input: LintInput,
  relation: Relation,
  action: readonly Token[],
): readonly ClassifiedTable[] {
  return input.tables.tables.filter(
    (table) =>
      table.relation !== relation &&
      input.tables.isProtected(table.name) &&
      action.some((token) => token.kind === 'name' && token.text === table.relation.name) &&
      (!table.relation.rls.enabled || input.access.bypassesRls(relation.owner, table.relation)),
  )
}

/** The policies of the relation check the row first, and the action keeps to that row's tenant. */
function isBoundToCaller(
  input: LintInput,
  relation: Relation,
  roles: readonly string[],
  action: readonly Token[],
): boolean {
  const column = input.tables.get(objectName(relation))?.tenantColumn ?? null
  const isChecked =
    relation.rls.enabled && roles.every((role) => !input.access.bypassesRls(role, relation))
  // DO INSTEAD puts the action in the statement's place, so that no policy sees the row.
  if (column === null || !isChecked || action[0]?.text === 'instead') return false
  return action.some(
    (token, index) =>
      (token.text === 'new' || token.text === 'old') &&
      action[index + 1]?.text === '.' &&
      action[index + 2]?.text === column,
  )
}
