import type { CatalogSnapshot, FunctionInfo } from 'watertight/catalog'
import { objectName } from '../../graph/object-name.js'
import { oncePer } from '../../graph/once-per.js'
import { argumentsOf } from './function-arguments.js'
import { columnType } from './sql-type.js'
import type { SqlType } from './value.js'

/** A function that runs for a cast or an operator, with the types of its arguments and result. */
interface Meaning {
  readonly name: string
  readonly takes: readonly SqlType[]
  readonly gives: SqlType
  readonly isOfExtension: boolean
}

/** Functions of the database that casts and operators stand for, those of `pg_catalog` left out. */
const meanings: (catalog: CatalogSnapshot) => readonly Meaning[] = oncePer((catalog) =>
  catalog.functions
    .filter((fn) => fn.isImplicit && fn.kind === 'function' && fn.schema !== 'pg_catalog')
    .flatMap((fn) => meaningOf(fn, catalog)),
)

function meaningOf(fn: FunctionInfo, catalog: CatalogSnapshot): readonly Meaning[] {
  const takes = argumentsOf(fn)?.map(({ type }) => columnType(type, catalog))
  const gives = columnType(fn.returns, catalog)
  return takes === undefined
    ? []
    : [{ name: objectName(fn), takes, gives, isOfExtension: fn.extension !== null }]
}

/**
 * The function that the database has for a cast; undefined where PostgreSQL's own rules apply. A
 * cast between types of `pg_catalog` prints as any other, whoever made it.
 */
export function ownCast(catalog: CatalogSnapshot, from: SqlType, to: SqlType): string | undefined {
  return meanings(catalog).find(
    ({ takes, gives }) => fits(takes[0], from) && fits(gives, to) && isCast(takes),
  )?.name
}

/**
 * The function of a comparison that the database has for two operands; no extension changes what its
 * equality means for types that are not its own. IS DISTINCT FROM, NULLIF, CASE
 * and USING print no operator, and in the body of a function the search path decides which is meant.
 */
export function ownOperator(
  catalog: CatalogSnapshot,
  left: SqlType,
  right: SqlType,
): string | undefined {
  return meanings(catalog).find(
    ({ takes, gives, isOfExtension }) =>
      !isOfExtension &&
      gives === 'bool' &&
      takes.length === 2 &&
      fits(takes[0], left) &&
      fits(takes[1], right),
  )?.name
}

/** A cast's function may also take the modifier of the type and whether the cast is explicit. */
function isCast([, modifier, explicit]: readonly SqlType[]): boolean {
  return (
    (modifier === undefined || modifier === 'int') &&
    (explicit === undefined || explicit === 'bool')
  )
}

function fits(declared: SqlType | undefined, given: SqlType): boolean {
  return declared === given || declared?.startsWith('other:any') === true
}
