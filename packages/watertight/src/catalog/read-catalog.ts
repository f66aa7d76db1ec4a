import { sql } from '../sql/index.js'
import type { Queryable } from '../sql/index.js'
import { createAclReader } from './acl-items.js'
import type { AclReader } from './acl-items.js'
import { assembleRelations } from './assemble-relations.js'
import type { RawRelations } from './assemble-relations.js'
import { deepFreeze } from './deep-freeze.js'
import { readDocuments } from './documents.js'
import type { DocumentQuery } from './documents.js'
import { authority } from './queries/authority.js'
import type { RawAuthority } from './queries/authority.js'
import { columnsQuery } from './queries/columns.js'
import { constraintsQuery } from './queries/constraints.js'
import { functionsQuery } from './queries/functions.js'
import type { RawFunction } from './queries/functions.js'
import { indexesQuery } from './queries/indexes.js'
import { listedSchemas } from './queries/fragments.js'
import { relationsQuery } from './queries/relations.js'
import { rowActionsQuery } from './queries/row-actions.js'
import { schemaObjects } from './queries/schema-objects.js'
import type { RawSchemaObjects } from './queries/schema-objects.js'
import { serverQuery } from './queries/server.js'
import { inReadingTransaction } from './reading-transaction.js'
import type { CatalogSnapshot, DatabaseInfo, ServerInfo } from './snapshot.js'
import { sortedBy } from './sort.js'
import { identify, requireSupportedServer } from './supported-server.js'
import { untilUntorn } from './torn-reading.js'

/** What {@link readCatalog} reads. */
export interface ReadCatalogOptions {
  /** Names of schemas, or every one but pg_catalog, information_schema and the temporary ones. */
  readonly schemas: readonly string[] | 'all'
}

type RawObjects = RawSchemaObjects & RawAuthority
type RawCatalog = RawObjects & RawRelations & { readonly functions: readonly RawFunction[] }

const objectsQuery: DocumentQuery<RawObjects> = {
  sql: sql`with ${listedSchemas} select ${schemaObjects}, ${authority}`,
}

/**
 * Reads what is in a database: one frozen snapshot, the same for equal databases whatever the
 * session's settings are. It takes 12 statements whatever the size, and like any reader waits for a
 * table that a migration holds. `db` must be one connection (not a pool). Inside a transaction of the
 * caller it reads in that one, which should be `repeatable read` for one consistent picture.
 *
 * @throws UNSUPPORTED_SERVER when the server is older than PostgreSQL 15 or not PostgreSQL.
 * @throws STATEMENT_FAILED when other sessions change the schema without a pause.
 *
 * @example
 * ```ts
 * const snapshot = await readCatalog(client, { schemas: ['public'] })
 * // begin isolation level repeatable read read only; select …; commit
 * snapshot.relations.filter((relation) => !relation.rls.enabled)
 * ```
 */
export async function readCatalog(
  db: Queryable,
  options: ReadCatalogOptions,
): Promise<CatalogSnapshot> {
  const identity = await identify(db)
  const versionNum = requireSupportedServer(identity)
  const session = await readDocuments(db, serverQuery(identity.may_identify), [])
  const schemas = options.schemas === 'all' ? null : JSON.stringify(options.schemas)
  const read = (): Promise<RawCatalog> =>
    inReadingTransaction(db, session.inside, () => readRaw(db, schemas))
  // An error ends the caller's transaction, so there is nothing to try again in it.
  const raw = await (session.inside ? read() : untilUntorn(read))
  const server = {
    version: identity.version,
    versionNum,
    ...session.server,
    settings: session.server.settings ?? {},
  }
  return deepFreeze(assemble(server, raw, createAclReader()))
}

async function readRaw(db: Queryable, schemas: string | null): Promise<RawCatalog> {
  const values = [schemas]
  return {
    ...(await readDocuments(db, objectsQuery, values)),
    ...(await readDocuments(db, relationsQuery, values)),
    ...(await readDocuments(db, columnsQuery, values)),
    ...(await readDocuments(db, constraintsQuery, values)),
    ...(await readDocuments(db, indexesQuery, values)),
    ...(await readDocuments(db, rowActionsQuery, values)),
    ...(await readDocuments(db, functionsQuery, values)),
  }
}

function databaseOf(raw: RawCatalog, readAcl: AclReader): DatabaseInfo {
  const [database] = raw.databases
  return { owner: database?.owner ?? '', acl: readAcl(database?.acl ?? null) }
}

function assemble(server: ServerInfo, raw: RawCatalog, readAcl: AclReader): CatalogSnapshot {
  return {
    server,
    database: databaseOf(raw, readAcl),
    schemas: sortedBy(raw.schemas, ({ name }) => [name]).map((schema) => ({
      ...schema,
      acl: readAcl(schema.acl),
    })),
    relations: assembleRelations(raw, readAcl),
    functions: sortedBy(raw.functions, (item) => [
      item.schema,
      item.name,
      item.identityArguments,
    ]).map((item) => ({ ...item, acl: readAcl(item.acl) })),
    sequences: sortedBy(raw.sequences, ({ schema, name }) => [schema, name]).map((sequence) => ({
      ...sequence,
      acl: readAcl(sequence.acl),
    })),
    enums: sortedBy(raw.enums, ({ schema, name }) => [schema, name]),
    roles: sortedBy(raw.roles, ({ name }) => [name]),
    memberships: sortedBy(raw.memberships, ({ role, member, grantor }) => [role, member, grantor]),
    defaultPrivileges: sortedBy(raw.default_privileges, ({ role, schema, objectType }) => [
      role,
      schema ?? '',
      objectType,
    ]).map((item) => ({ ...item, acl: readAcl(item.acl) })),
    settingDefaults: sortedBy(raw.setting_defaults, ({ role, database, name }) => [
      role ?? '',
      database ?? '',
      name,
    ]),
    publications: sortedBy(raw.publications, ({ name }) => [name]).map((publication) => ({
      ...publication,
      tables: sortedBy(publication.tables, ({ schema, name }) => [schema, name]),
    })),
  }
}
