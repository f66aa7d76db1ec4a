/** A name that a schema may qualify. `schema` is null when the text has none. */
export interface QualifiedName {
  readonly schema: string | null
  readonly name: string
}

/** One modifier of a type: `10` of `varchar(10)`, `Point` of PostGIS' `geometry(Point, 4326)`. */
export type TypeModifier = number | string

/** A type as written: `pg_catalog.varchar(10)`, `uuid[]`. */
export interface TypeName extends QualifiedName {
  readonly modifiers: readonly TypeModifier[]
  /** One entry per dimension of an array type; null where the text has no bound. */
  readonly dimensions: readonly (number | null)[]
}
