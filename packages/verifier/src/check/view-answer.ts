import { findRelation } from 'watertight/catalog'
import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import type { CoverageRow } from '../findings/index.js'
import { objectName } from '../graph/object-name.js'
import type { LintInput } from '../lint/rule.js'

type Proven = Pick<CoverageRow, 'verdict' | 'by' | 'reason' | 'assumptions'>

/** What is proven of a SELECT of the relation as the role; null for anything that is not. */
export type ProvenRead = (relation: Relation) => readonly string[] | null

/**
 * A view with the rights of its reader shows what the reader may read anyway: it is proven when each
 * relation that it reads is, and it calls no function of the database. Null for any other view.
 */
export function viewAnswer(
  lint: LintInput,
  view: Relation,
  linted: (object: string) => boolean,
  provenRead: ProvenRead,
): Proven | null {
  const assumptions = readsOf(lint, view, linted, provenRead, [])
  if (assumptions === null) return null
  const reason = 'the view has the rights of its reader, and every table that it reads is proven'
  return {
    verdict: 'proven',
    by: 'prove',
    reason,
    assumptions: [...new Set(assumptions)].toSorted(),
  }
}

function readsOf(
  lint: LintInput,
  view: Relation,
  hasError: (object: string) => boolean,
  provenRead: ProvenRead,
  trail: readonly string[],
): readonly string[] | null {
  const name = objectName(view)
  const isSound = isInvoker(view) && !callsOwnFunction(view, lint.catalog) && !hasError(name)
  if (!isSound || view.reads.length === 0 || trail.includes(name)) return null
  const found: string[] = []
  for (const read of view.reads) {
    const relation = findRelation(lint.catalog, read.schema, read.name)
    if (relation === undefined) return null
    const isGlobal = lint.tables.get(objectName(relation))?.scope === 'global'
    const part = isGlobal
      ? []
      : relation.kind === 'view'
        ? readsOf(lint, relation, hasError, provenRead, [...trail, name])
        : provenRead(relation)
    if (part === null) return null
    found.push(...part)
  }
  return found
}

function isInvoker({ kind, options, rules }: Relation): boolean {
  const isPlain = rules.every(({ event }) => event === 'SELECT')
  return kind === 'view' && isPlain && options['security_invoker'] === 'true'
}

/** SECURITY: a function may have other rights than the reader. Also true of a name that only looks so. */
function callsOwnFunction({ definition }: Relation, { functions }: CatalogSnapshot): boolean {
  const text = definition ?? ''
  if (definition === null || /\boperator\s*\(/i.test(text)) return true
  return functions.some(
    ({ schema, name, extension }) =>
      schema !== 'pg_catalog' &&
      extension === null &&
      (text.includes(`${name}(`) || text.includes(`${name}"(`)),
  )
}
