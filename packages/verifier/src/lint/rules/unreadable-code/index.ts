import type { FunctionInfo } from 'watertight/catalog'
import { qualifiedName, sql, trustedSql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import type { Finding } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { listed } from '../../reach.js'
import { readCondition } from '../../read-condition.js'
import type { CatalogRule, LintInput } from '../../rule.js'

const readable: ReadonlySet<string> = new Set(['sql', 'plpgsql', 'internal'])

/** What cannot be read cannot be judged: it is said, never passed over. */
export const unreadableCode: CatalogRule = {
  kind: 'catalog',
  id: 'unreadable-code',
  title: 'A policy or function that matters to isolation cannot be read.',
  check: (input) => [
    ...input.tables.tables.flatMap((table) =>
      input.tables.isProtected(table.name) ? policies(table) : [],
    ),
    ...input.catalog.functions.flatMap((fn) => functions(input, fn)),
  ],
}

function policies({ relation, name }: ClassifiedTable): Finding[] {
  return relation.policies.flatMap((policy) => {
    const [reason] = [policy.using, policy.withCheck].flatMap((text) => {
      const condition = text === null ? null : readCondition(policy, text)
      return condition !== null && 'reason' in condition ? [condition.reason] : []
    })
    if (reason === undefined) return []
    return [
      makeFinding({
        rule: 'unreadable-code',
        severity: 'info',
        object: name,
        detail: policy.name,
        message: `Policy ${policy.name} of ${name} is not judged: ${reason}.`,
        evidence: { policy: policy.name, reason },
        remedy:
          'Write the condition with plain comparisons, or put it into a function in SQL; live probes judge it meanwhile.',
      }),
    ]
  })
}

/** A body in another language that runs with the rights of its owner can do what the owner can. */
function functions(input: LintInput, fn: FunctionInfo): Finding[] {
  if (!fn.securityDefiner || fn.extension !== null || readable.has(fn.language)) return []
  const callers = input.roles
    .map(({ name }) => name)
    .filter((role) => input.access.canExecute(role, fn))
  if (callers.length === 0) return []
  const name = sql`${qualifiedName(fn.schema, fn.name)}(${trustedSql(fn.identityArguments)})`.text
  return [
    makeFinding({
      rule: 'unreadable-code',
      severity: 'info',
      object: name,
      message: `${name} runs as ${fn.owner} for ${listed(callers)} and is written in ${fn.language}, which is not read: what it reaches is unknown.`,
      evidence: { language: fn.language, owner: fn.owner, roles: callers },
      remedy:
        'Write it in SQL or PL/pgSQL, let it run as its caller, or review it and accept the finding.',
    }),
  ]
}
