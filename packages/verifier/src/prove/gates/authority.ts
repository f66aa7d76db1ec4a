import type { Relation } from 'watertight/catalog'
import { tableKey } from 'watertight/model'
import { isAboutNoUser } from '../context/without-user.js'
import { tokenize } from '../../expr/tokens.js'
import { objectName } from '../../graph/object-name.js'
import { membershipSources } from '../../graph/membership-sources.js'
import type { MembershipSource } from '../../graph/membership-sources.js'
import { readTables } from '../../graph/read-tables.js'
import type { Subject } from '../encode/encoding.js'
import type { ProofResult } from '../proof-result.js'
import { keyThatChanges } from './foreign-keys.js'
import { grantingFunctions } from './granting-functions.js'
import { viewWrites } from './updatable-view.js'

/** All that takes proofs back because of who may write what they rest on. */
export function withAuthority(
  subject: Subject,
  results: readonly ProofResult[],
): readonly ProofResult[] {
  return withMemberships(subject, withDeciders(subject, results))
}

/**
 * A table that decides, through the policies of another one, who reaches foreign rows there: what a
 * role writes into it is not only its tenant's matter.
 */
function withDeciders(
  { tables, access }: Subject,
  results: readonly ProofResult[],
): readonly ProofResult[] {
  const deciders = new Map<string, ProofResult>()
  for (const result of results) {
    // What a view shows past the policies is decided by the view.
    if (result.counterexample?.view !== undefined) continue
    for (const { relation } of result.counterexample?.rows ?? []) {
      if (relation !== result.object) deciders.set(`${result.role} ${relation}`, result)
    }
  }
  return results.map((result) => {
    const open = deciders.get(`${result.role} ${result.object}`)
    const relation = tables.get(result.object)?.relation
    if (open === undefined || relation === undefined || result.verdict !== 'proven') return result
    const writes = ['INSERT', 'UPDATE', 'DELETE'].some((privilege) =>
      access.can(result.role, privilege, relation),
    )
    if (!writes) return result
    const reason = `the policies hold, but ${result.object} is written by ${result.role} and decides who reaches ${open.object}, where ${open.command} is not proven`
    return { ...result, verdict: 'unknown', reason }
  })
}

/**
 * Where memberships decide whose a row is, whoever may write them decides it. They must be proven
 * not to give a tenant away, or nothing that rests on them is proven.
 */
function withMemberships(
  subject: Subject,
  results: readonly ProofResult[],
): readonly ProofResult[] {
  const { model, catalog, tables } = subject
  const { context } = model
  if (context.kind !== 'membership') return results
  const via = catalog.relations.find((entry) => tableKey(entry) === tableKey(context.via.table))
  if (via === undefined) return results
  const sources = membershipSources(model, catalog)
  const open = sources.find(({ relation }) => !tables.isProtected(objectName(relation)))?.relation
  const name = objectName(open ?? via)
  const isCovered = open === undefined
  const names = new Set(
    sources.flatMap(({ relation }) => [
      objectName(relation),
      ...viewsThatMayWrite(subject, relation),
    ]),
  )
  const gap = results.find(
    ({ object, command, verdict }) =>
      names.has(object) && (command === 'INSERT' || command === 'UPDATE') && verdict !== 'proven',
  )
  const key = sources
    .map((source) => keyThatChanges(subject, objectName(source.relation), decidingColumns(source)))
    .find((reason) => reason !== undefined)
  const granting = grantingFunctions(subject, context, via, results)
  const restsOn = (result: ProofResult): boolean =>
    result.verdict === 'proven' && result.reason !== 'the role holds no such privilege'
  // Who belongs to a tenant rests on what was assumed of those who could have said it.
  const assumed = results
    .filter(({ object, command }) => names.has(object) && command !== 'SELECT')
    .flatMap(({ assumptions }) => assumptions.filter(isAboutNoUser))
  const taken = [...new Set([...granting.assumptions, ...assumed])]
  const beside = key ?? granting.open
  if (isCovered && gap === undefined && beside === undefined) {
    if (taken.length === 0) return results
    return results.map((result) => {
      if (!restsOn(result)) return result
      const assumptions = [...new Set([...result.assumptions, ...taken])]
      return { ...result, assumptions: assumptions.toSorted() }
    })
  }
  const why =
    isCovered && gap === undefined
      ? `${name} decides who belongs to a tenant: ${beside}`
      : gap === undefined
        ? `${name} decides who belongs to a tenant and is not classified as a tenant's table`
        : `${gap.role} may be able to ${gap.command} ${gap.object}, which decides who belongs to a tenant: ${gap.reason}`
  return results.map((result) =>
    restsOn(result) ? { ...result, verdict: 'unknown', reason: why } : result,
  )
}

/** Columns that say who belongs to which tenant, and whether that counts. */
function decidingColumns({ user, tenant, where }: MembershipSource): ReadonlySet<string> {
  return new Set([user, tenant, ...tokenize(where ?? '').map(({ text }) => text)])
}

/** Views through which rows may come into a table. */
function viewsThatMayWrite({ catalog }: Subject, table: Relation): readonly string[] {
  return catalog.relations.flatMap((view) => {
    if (view.kind !== 'view' || !readTables(catalog, view).includes(objectName(table))) return []
    const writes = viewWrites(catalog, view)
    const isOther = writes.kind === 'passed-on' && writes.base !== table
    return isOther || writes.kind === 'refused' ? [] : [objectName(view)]
  })
}
