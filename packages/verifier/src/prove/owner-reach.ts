import { ident } from 'watertight/sql'
import { mentionsName } from '../expr/mentions.js'
import { tokenize } from '../expr/tokens.js'
import { objectName } from '../graph/object-name.js'
import { oncePer } from '../graph/once-per.js'
import { membershipSources, tenantRows } from '../graph/membership-sources.js'
import type { Subject } from './encode/encoding.js'

/**
 * Why rows are reached that are not proven to be kept: by the user in a column of the tenant's row, of
 * whom nothing says that the tenant is theirs. Undefined where that alone would not prove it.
 */
export async function reachedByOwner(
  subject: Subject,
  holds: (declared: Subject) => Promise<boolean>,
): Promise<string | undefined> {
  for (const { declared, column, table } of ownersToDeclare(subject)) {
    if (!(await holds(declared))) continue
    const owner = ident(column).text
    return `the user in ${owner} of ${table} is let in without a membership, and nothing says that this user belongs to the tenant: declare context.owner '${column}' where that is so, else have the policy ask for the membership`
  }
  return undefined
}

interface DeclaredOwner {
  /** The same subject, with the owner declared. */
  readonly declared: Subject
  readonly column: string
  readonly table: string
}

/** Columns of the tenant's row that may name a user whom conditions look at. */
const ownersToDeclare: (subject: Subject) => readonly DeclaredOwner[] = oncePer((subject) => {
  const { model, catalog } = subject
  const { context } = model
  const [members] = membershipSources(model, catalog)
  if (context.kind !== 'membership' || context.owner !== null || members === undefined) return []
  const userType = members.relation.columns.find(({ name }) => name === members.user)?.baseType
  const words = conditionsOf(subject).map(tokenize)
  const withOwner = (owner: string): Subject => ({
    ...subject,
    model: { ...model, context: { ...context, owner } },
  })
  const tenants = tenantRows(model, catalog)
  if (tenants === null || tenants.relation === members.relation) return []
  return tenants.relation.columns
    .filter(
      ({ name, baseType }) =>
        baseType === userType &&
        name !== tenants.tenant &&
        words.some((tokens) => mentionsName(tokens, new Set([name]))),
    )
    .map(({ name }) => ({
      declared: withOwner(name),
      column: name,
      table: objectName(tenants.relation),
    }))
})

function conditionsOf({ catalog }: Subject): readonly string[] {
  const policies = catalog.relations.flatMap((relation) => relation.policies)
  const conditions = policies.flatMap(({ using, withCheck }) => [using ?? '', withCheck ?? ''])
  const own = catalog.functions.filter(({ extension }) => extension === null)
  return [...conditions, ...own.map(({ body }) => body)]
}
