import type { CatalogSnapshot, FunctionInfo, Relation } from 'watertight/catalog'
import { makesTenants } from '../../graph/makes-tenants.js'
import { objectName } from '../../graph/object-name.js'
import { oncePer } from '../../graph/once-per.js'
import type { Subject } from '../encode/encoding.js'
import { isExempt } from '../encode/policies.js'
import type { Obligation } from '../obligation.js'
import type { ProofResult } from '../proof-result.js'

export type Decision = Pick<ProofResult, 'verdict' | 'reason'>

/** What the catalog alone decides; undefined where the policies do. */
export function catalogDecision(subject: Subject, obligation: Obligation): Decision | undefined {
  const { table, actor, command } = obligation
  const { relation } = table
  if (!subject.access.can(actor, command, relation)) {
    return { verdict: 'proven', reason: 'the role holds no such privilege' }
  }
  if (relation.kind !== 'table' && relation.kind !== 'partitioned-table') {
    return {
      verdict: 'unknown',
      reason: `policies do not bind a ${relation.kind}; revoke the privilege, or put a table with policies in its place`,
    }
  }
  if (!relation.rls.enabled) {
    return { verdict: 'refuted', reason: 'Row Level Security is not enabled' }
  }
  if (isExempt(subject, actor, relation)) {
    return { verdict: 'refuted', reason: `${actor} is exempt from the policies` }
  }
  const why = sideDoor(subject, obligation)
  if (why !== undefined) return { verdict: 'unknown', reason: why }
  if (command !== 'INSERT' || !makesTenants(subject.model, subject.catalog, table)) return undefined
  const reason = `a row that INSERT stores in ${table.name} is a new tenant: its key is that of no other`
  return { verdict: 'proven', reason }
}

const rewriting: (catalog: CatalogSnapshot) => readonly Relation[] = oncePer(({ relations }) =>
  relations.filter(({ rules }) => rules.some(({ event }) => event !== 'SELECT')),
)

const leakproof: (catalog: CatalogSnapshot) => readonly FunctionInfo[] = oncePer(({ functions }) =>
  functions.filter((fn) => fn.leakproof && fn.extension === null),
)

/** A way to rows that policies say nothing about. */
export function sideDoor(
  subject: Subject,
  { table, actor, command }: Obligation,
): string | undefined {
  const { relation } = table
  if (subject.access.canOwn(actor, relation)) {
    return `${actor} can act as the owner and switch the policies off; revoke its membership in ${relation.owner}, or let another role own the table`
  }
  if (relation.rules.some(({ event }) => event !== 'SELECT')) {
    return 'a rule rewrites statements on the table and runs as its owner; a trigger in its place is bound by the policies'
  }
  const rewritten = rewriting(subject.catalog).find((other) =>
    other.rules.some(
      ({ event, definition }) => event !== 'SELECT' && mentions(definition, objectName(relation)),
    ),
  )
  if (rewritten !== undefined) {
    return `a rule of ${objectName(rewritten)} works on the table as its owner; a trigger in its place is bound by the policies`
  }
  const leaky = leakproof(subject.catalog).find((fn) => subject.access.canExecute(actor, fn))
  if (leaky !== undefined && command !== 'INSERT') {
    return `${objectName(leaky)}() is marked LEAKPROOF, so that it may see rows before the policies do; ALTER FUNCTION … NOT LEAKPROOF, or revoke EXECUTE on it`
  }
  const large = relation.columns.find(({ baseType }) => baseType === 'oid' || baseType === 'lo')
  if (large !== undefined) {
    return `${large.name} may refer to large objects, which no policy binds; keep the bytes in a column of type bytea`
  }
  return undefined
}

/** The text has the qualified name, which the catalog prints in full. */
function mentions(text: string, name: string): boolean {
  return text.split(/[\s(),;]+/).some((word) => word === name || word.startsWith(`${name}.`))
}

/** A default of the context's settings makes a session without context somebody's. */
export function settingDefault(subject: Subject, actor: string): string | undefined {
  const { context } = subject.model
  const names =
    context.kind === 'guc'
      ? [context.tenant, context.user]
      : context.kind === 'jwt-claims'
        ? [context.guc]
        : context.kind === 'membership'
          ? [context.user.guc]
          : ['watertight.context']
  const { database } = subject.catalog.server
  const { reachable } = subject.access.closure(actor)
  const found = subject.catalog.settingDefaults.find(
    (entry) =>
      names.some((name) => name?.toLowerCase() === entry.name.toLowerCase()) &&
      // The empty text is what a transaction with a context leaves behind: proofs speak of it.
      entry.value !== '' &&
      (entry.database === null || entry.database === database) &&
      (entry.role === null || reachable.has(entry.role)),
  )
  return (
    found &&
    `${found.name} has a default, so that a session without context has one; ALTER ROLE or ALTER DATABASE … RESET it`
  )
}
