import type { Relation } from 'watertight/catalog'
import { callSteps, effectSteps, withKind } from './effect-steps.js'
import type { Step } from './effect-steps.js'
import { isSecurityInvoker } from './exposed-tables.js'
import { queryEffects } from './function-effects.js'
import { actionName, largeObjectColumns, nodeId, relationId } from './graph-names.js'
import type { GraphNames } from './graph-names.js'
import { objectName } from './object-name.js'
import type { StatementEffects } from './statement-effects.js'

/** Reads what a condition does; policies of many tables have the same text. */
export type ReadCondition = (text: string) => StatementEffects

/** Where a view or materialised view leads: what its query reads and calls. */
export function viewSteps(view: Relation, names: GraphNames): readonly Step[] {
  const isStored = view.kind === 'materialized-view'
  const reader = !isStored && isSecurityInvoker(view) ? null : view.owner
  const reads = view.reads
    .flatMap((read) => names.relations.get(objectName(read)) ?? [])
    // A view that rules read or write through depends on itself.
    .filter((target) => target !== view)
  const definition = (view.definition ?? '').replace(/;\s*$/, '')
  const { calls } =
    definition === '' || names.functionsNamed.size === 0
      ? { calls: [] }
      : queryEffects(definition, 'statement')
  return [
    ...reads.map((target): Step => ({ to: relationId(target), kind: 'reads', as: reader })),
    // Functions in a view run as whoever asks (manual, CREATE VIEW); stored rows were made before.
    ...callSteps(calls, isStored ? view.owner : null, names),
  ]
}

/** Where a table leads beside its own rows. */
export function tableSteps(
  table: Relation,
  names: GraphNames,
  read: ReadCondition,
  holdsTenantRows: boolean,
): readonly Step[] {
  const name = objectName(table)
  const conditions = table.policies.flatMap(({ using, withCheck }) => [using, withCheck])
  const pointsTo = holdsTenantRows && largeObjectColumns(table).length > 0
  return [
    ...(names.childrenOf.get(name) ?? []).map((child): Step => ({
      to: relationId(child),
      kind: 'contains',
      as: null,
    })),
    ...conditions.flatMap((text) =>
      text === null ? [] : withKind(effectSteps(read(text), null, names), 'policy'),
    ),
    ...(names.cascadesFrom.get(name) ?? []).map((child): Step => ({
      to: relationId(child),
      kind: 'cascades',
      as: child.owner,
    })),
    ...(pointsTo
      ? [{ to: nodeId('large-objects', name), kind: 'points-to', as: null } satisfies Step]
      : []),
  ]
}

/** The triggers and rules that statements on a relation set off. */
export function actionSteps(relation: Relation): readonly Step[] {
  return [
    ...relation.triggers
      .filter(({ enabled }) => enabled !== 'disabled')
      .map(({ name }) => nodeId('trigger', actionName(name, relation))),
    ...relation.rules
      .filter(({ event }) => event !== 'SELECT')
      .map(({ name }) => nodeId('rule', actionName(name, relation))),
  ].map((to) => ({ to, kind: 'fires', as: null }))
}
