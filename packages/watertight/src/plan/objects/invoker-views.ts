import type { Relation } from '../../catalog/index.js'
import { literal, qualifiedName, sql } from '../../sql/index.js'
import { displayName } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { makeStep } from '../step.js'

/**
 * Views over protected tables run with the rights of the reader: without `security_invoker` a view
 * reads as its owner, past the reader's policies (manual, CREATE VIEW, "security_invoker").
 */
export function planInvokerViews(planning: Planning): readonly Step[] {
  const protectedNames = protectedClosure(planning)
  return planning.snapshot.relations
    .filter(
      (relation) =>
        relation.kind === 'view' &&
        planning.model.schemas.includes(relation.schema) &&
        protectedNames.has(displayName(relation)) &&
        !['true', 'on', '1', 'yes'].includes(relation.options['security_invoker'] ?? 'false'),
    )
    .map(toInvoker)
}

function toInvoker(view: Relation): Step {
  const name = qualifiedName(view.schema, view.name)
  const object = displayName(view)
  const before = view.options['security_invoker']
  return makeStep({
    id: `invoker:${object}`,
    object,
    summary: `let view ${object} run with the rights of its reader`,
    up: [sql`alter view ${name} set (security_invoker = true)`],
    down: [
      before === undefined
        ? sql`alter view ${name} reset (security_invoker)`
        : sql`alter view ${name} set (security_invoker = ${literal(before)})`,
    ],
    hazards: [
      {
        kind: 'NARROWS_ACCESS',
        object,
        detail: 'readers need rights on the tables behind the view',
      },
    ],
    downHazards: [
      {
        kind: 'WIDENS_ACCESS',
        object,
        detail: 'the view reads as its owner, past policies of the reader',
      },
    ],
  })
}

/** Declared tables and every view that reads one, directly or through other views. */
function protectedClosure({ tables, snapshot }: Planning): ReadonlySet<string> {
  const names = new Set(tables.map(({ relation }) => displayName(relation)))
  const views = snapshot.relations.filter(({ kind }) => kind === 'view')
  for (let grew = true; grew;) {
    grew = false
    for (const view of views) {
      if (names.has(displayName(view))) continue
      if (!view.reads.some((read) => names.has(displayName(read)))) continue
      names.add(displayName(view))
      grew = true
    }
  }
  return names
}
