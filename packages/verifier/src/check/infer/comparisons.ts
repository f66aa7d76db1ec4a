import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import { parseExpression } from '../../expr/index.js'
import { singlePrimaryKey } from '../../graph/classify.js'
import { likelyNames } from './name-lookup.js'
import { OriginReader, policyRow } from './origins.js'
import type { Equality, Origin } from './origins.js'

/** Where a value of the context comes from. */
export interface ContextSourceText {
  readonly setting: string
  /** JSON pointer into the setting; null when the setting is the value itself. */
  readonly pointer: string | null
}

/** The row of a membership table that stands between a column and the context. */
export interface MembershipLink {
  readonly relation: Relation
  readonly user: string
  readonly tenant: string
}

/** A policy compares a column with the context, directly or through a membership table. */
export interface Comparison {
  readonly relation: Relation
  readonly column: string
  readonly source: ContextSourceText
  /** Null for a direct comparison. */
  readonly via: MembershipLink | null
}

/**
 * Every comparison of a column with the context that policies make, in themselves or in the
 * functions that they call.
 *
 * @throws PARSER_NOT_LOADED
 */
export function comparisons(catalog: CatalogSnapshot): readonly Comparison[] {
  // Without the parser nothing could be read, which would look as if nothing were compared.
  parseExpression('true')
  const names = likelyNames(catalog)
  const found = new Map<string, Comparison>()
  for (const relation of catalog.relations) {
    const conditions = relation.policies.flatMap(({ using, withCheck }) => [using, withCheck])
    for (const condition of new Set(conditions)) {
      if (condition === null) continue
      const reader = new OriginReader(catalog, names)
      try {
        reader.readCondition(relation, parseExpression(condition))
      } catch {
        // What cannot be read gives no hints.
        continue
      }
      for (const comparison of comparisonsIn(reader.equalities)) {
        found.set(keyOf(comparison), comparison)
      }
    }
  }
  return withOneNamePerClaim([...found.values()])
}

function keyOf({ relation, column, source, via }: Comparison): string {
  const link = via === null ? [] : [via.relation.schema, via.relation.name, via.user, via.tenant]
  return JSON.stringify([relation.schema, relation.name, column, source, link])
}

type ColumnOrigin = Extract<Origin, { kind: 'column' }>
type SourceOrigin = Extract<Origin, { kind: 'source' }>

/** Values that are equal, all together. */
interface EqualValues {
  readonly columns: readonly ColumnOrigin[]
  readonly sources: readonly SourceOrigin[]
}

function comparisonsIn(equalities: readonly Equality[]): Comparison[] {
  const classes = equalValues(equalities)
  const found: Comparison[] = []
  for (const { columns, sources } of classes) {
    for (const { relation, column } of columns) {
      for (const source of sources)
        found.push({ relation, column, source: textOf(source), via: null })
    }
    for (const tenant of columns) {
      for (const { columns: users, sources: known } of classes) {
        const user = users.find(({ row }) => row === tenant.row)
        if (known.length === 0 || user === undefined || user.column === tenant.column) continue
        // The policy's own row is what is protected, not what decides.
        if (tenant.row === policyRow) continue
        const via = { relation: tenant.relation, user: user.column, tenant: tenant.column }
        for (const { row, relation, column } of columns) {
          if (row === tenant.row || !meansTheSame(relation, column, via)) continue
          // A row that a sub-query looks up by its key is named by the membership, not protected by it.
          if (row !== policyRow && singlePrimaryKey(relation) === column) continue
          for (const source of known) found.push({ relation, column, source: textOf(source), via })
        }
      }
    }
  }
  return found
}

function textOf({ setting, pointer }: SourceOrigin): ContextSourceText {
  return { setting, pointer }
}

/** The key of a parent is found through it, but does not say whose its rows are. */
function meansTheSame(relation: Relation, column: string, via: MembershipLink): boolean {
  if (singlePrimaryKey(via.relation) === via.tenant) return false
  const target = targetOf(via.relation, via.tenant)
  const own = targetOf(relation, column)
  return (
    column === via.tenant ||
    target === null ||
    target === own ||
    target === `${relation.schema}.${relation.name}`
  )
}

/** The table that a column is a foreign key to. */
function targetOf({ constraints }: Relation, column: string): string | null {
  const found = constraints.find(
    ({ references, columns }) =>
      references !== null && columns.length === 1 && columns[0] === column,
  )
  return found?.references ? `${found.references.schema}.${found.references.name}` : null
}

function equalValues(equalities: readonly Equality[]): readonly EqualValues[] {
  const parent = new Map<string, string>()
  const origins = new Map<string, Origin>()
  const root = (key: string): string => {
    const up = parent.get(key)
    return up === undefined || up === key ? key : root(up)
  }
  for (const { left, right } of equalities) {
    if (left.kind === 'constant' || right.kind === 'constant') continue
    const [a, b] = [left, right].map((origin) => {
      const key = JSON.stringify(
        origin.kind === 'column'
          ? [origin.row, origin.column]
          : origin.kind === 'source'
            ? [origin.setting, origin.pointer]
            : [],
      )
      origins.set(key, origin)
      return root(key)
    })
    if (a !== undefined && b !== undefined) parent.set(a, b)
  }
  const groups = new Map<string, Origin[]>()
  for (const [key, origin] of origins) {
    const at = root(key)
    groups.set(at, [...(groups.get(at) ?? []), origin])
  }
  return [...groups.values()].map((all) => ({
    columns: all.filter((origin) => origin.kind === 'column'),
    sources: all.filter((origin) => origin.kind === 'source'),
  }))
}

/** A gateway may give each claim in a setting of its own as well: then all of them together count. */
function withOneNamePerClaim(found: readonly Comparison[]): readonly Comparison[] {
  const settings = new Set(found.map(({ source }) => source.setting))
  return found.map((comparison) => {
    const { setting, pointer } = comparison.source
    const match = /^(.+\.claim)(?:\.([^.]+))?$/.exec(setting)
    if (match === null || !settings.has(`${match[1]}s`)) return comparison
    const step = match[2] === undefined ? '' : `/${match[2]}`
    const whole = `${step}${pointer ?? ''}`
    return {
      ...comparison,
      source: { setting: `${match[1]}s`, pointer: whole === '' ? null : whole },
    }
  })
}
