import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import type { TableInput, TenancyInput } from 'watertight/model'

/** A declaration that was read off a catalog. */
export interface Inference {
  readonly input: TenancyInput
  /** Paths of the parts that were inferred, and from what. */
  readonly because: readonly { readonly path: string; readonly reason: string }[]
  /** Tables that nothing tells the owner of. Nobody may call them global but a person. */
  readonly unclassified: readonly {
    readonly table: string
    readonly reason: string
    /** What to declare if the reason does not speak against it. */
    readonly suggestion: TableInput
  }[]
  /** Roles that may use tables and that the declaration leaves out: nobody can tell what they are for. */
  readonly otherRoles: readonly string[]
}

/** What every part of the inference reads. */
export interface Evidence {
  readonly catalog: CatalogSnapshot
  /** Tables of the application, partitions and tools' own tables left out. */
  readonly tables: readonly Relation[]
  /** Text of all policies and of the functions outside extensions. */
  readonly code: readonly string[]
}

const systemSchemas =
  /^(watertight|auth|storage|realtime|supabase.*|_realtime|graphql.*|vault|extensions|pgsodium.*|cron|net|pgbouncer|drizzle|topology|tiger.*|hdb_catalog|_timescaledb.*|timescaledb.*)$/

/** Tables of migration tools. */
const toolTables =
  /^(_prisma_migrations|schema_migrations|ar_internal_metadata|flyway_schema_history|knex_migrations(_lock)?|goose_db_version|__drizzle_migrations|migrations|typeorm_metadata|databasechangelog(lock)?|pgmigrations|spatial_ref_sys|kysely_migration(_lock)?|watertight_migrations)$/

/** Collects the evidence of a catalog. */
export function gatherEvidence(catalog: CatalogSnapshot): Evidence {
  const tables = catalog.relations.filter(
    ({ kind, schema, name, isPartition, persistence }) =>
      (kind === 'table' || kind === 'partitioned-table') &&
      !isPartition &&
      persistence !== 'temporary' &&
      !systemSchemas.test(schema) &&
      !toolTables.test(name),
  )
  const policies = catalog.relations.flatMap((relation) => relation.policies)
  return {
    catalog,
    tables,
    code: [
      ...policies.flatMap(({ using, withCheck }) => [using ?? '', withCheck ?? '']),
      ...catalog.functions
        .filter(({ extension, schema }) => extension === null && schema !== 'watertight')
        .map(({ body }) => body),
    ],
  }
}
