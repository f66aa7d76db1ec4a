import { findRelation } from 'watertight/catalog'
import type { Relation } from 'watertight/catalog'
import { isSecurityInvoker } from '../../graph/exposed-tables.js'
import { objectName } from '../../graph/object-name.js'
import type { RuntimeRoleName } from '../../graph/runtime-roles.js'
import type { Subject } from '../encode/encoding.js'
import type { ProofResult } from '../proof-result.js'
import { elevatedCall } from './elevated-call.js'

/**
 * What views show: those that run with the rights of whoever asks show what the policies of their
 * tables let through, so that they hold where all of these do.
 */
export function viewResults(
  subject: Subject,
  roles: readonly RuntimeRoleName[],
  results: readonly ProofResult[],
): readonly ProofResult[] {
  const proofs = new Map(
    results
      .filter(({ command }) => command === 'SELECT')
      .map((result) => [`${result.role} ${result.object}`, result]),
  )
  const views = subject.catalog.relations.filter(
    (relation) => relation.kind === 'view' && readsTenants(subject, relation, []),
  )
  return views.flatMap((view) =>
    roles
      .filter(({ name }) => subject.access.can(name, 'SELECT', view))
      .map(({ name: role }): ProofResult => {
        const cell = { object: objectName(view), role, command: 'SELECT' } as const
        const assumptions = new Set<string>()
        const open = whyOpen(subject, view, role, proofs, assumptions, [])
        if (open !== undefined) {
          return { ...cell, verdict: 'unknown', reason: open, assumptions: [] }
        }
        const reason = `it runs with the rights of ${role}, for whom all that it reads is proven`
        return { ...cell, verdict: 'proven', reason, assumptions: [...assumptions] }
      }),
  )
}

/** Why it is not known that a view keeps tenants apart; undefined when it is. */
function whyOpen(
  subject: Subject,
  view: Relation,
  role: string,
  proofs: ReadonlyMap<string, ProofResult>,
  assumptions: Set<string>,
  trail: readonly Relation[],
): string | undefined {
  const name = objectName(view)
  if (trail.includes(view)) return `${name} reads itself`
  if (!isSecurityInvoker(view)) {
    return `${name} reads its tables with the rights of ${view.owner}; set (security_invoker = true)`
  }
  const rule = view.rules.find(({ event }) => event !== 'SELECT')
  if (rule !== undefined) return `${name} has the rule ${rule.name}`
  const elevated = elevatedCall(subject.catalog, view)
  if (elevated !== undefined) return `${name} ${elevated}`
  for (const { schema, name: read } of view.reads) {
    const relation = findRelation(subject.catalog, schema, read)
    if (relation === undefined)
      return `${name} reads ${schema}.${read}, which is not in the catalog`
    if (relation.kind === 'view') {
      const own = proofs.get(`${role} ${objectName(relation)}`)
      if (own?.verdict === 'proven') {
        for (const assumption of own.assumptions) assumptions.add(assumption)
        continue
      }
      const open = whyOpen(subject, relation, role, proofs, assumptions, [...trail, view])
      if (open !== undefined) return open
      continue
    }
    const table = subject.tables.get(objectName(relation))
    if (table?.scope === 'global' || schema === 'pg_catalog') continue
    const proof = proofs.get(`${role} ${objectName(relation)}`)
    if (proof === undefined) {
      return `${name} reads ${objectName(relation)}, which is not classified; declare it`
    }
    if (proof.verdict !== 'proven') {
      return `${name} reads ${objectName(relation)}, of which this is open: ${proof.reason}`
    }
    for (const assumption of proof.assumptions) assumptions.add(assumption)
  }
  return undefined
}

function readsTenants(subject: Subject, view: Relation, trail: readonly Relation[]): boolean {
  if (trail.includes(view)) return false
  return view.reads.some(({ schema, name }) => {
    const relation = findRelation(subject.catalog, schema, name)
    if (relation === undefined) return false
    return relation.kind === 'view'
      ? readsTenants(subject, relation, [...trail, view])
      : subject.tables.isProtected(objectName(relation))
  })
}
