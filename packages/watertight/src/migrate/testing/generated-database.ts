import type pg from 'pg'
import { ident, joinSql, sql } from '../../sql/index.js'
import { generatedSchema } from './generated-schema.js'
import type { GeneratedTenancy } from './generated-tenancy.js'

/** Makes the database what `tenancy` says, whatever the run before has left in it. */
export async function buildGenerated(
  admin: pg.Client,
  tenancy: GeneratedTenancy,
  rolePrefix: string,
): Promise<void> {
  await clear(admin, rolePrefix)
  await admin.query(generatedSchema(tenancy, rolePrefix))
}

async function clear(admin: pg.Client, rolePrefix: string): Promise<void> {
  await admin.query('rollback')
  const { rows: schemas } = await admin.query<{ name: string }>(
    `select nspname as name from pg_namespace
     where nspname !~ '^pg_' and nspname not in ('information_schema', 'public')`,
  )
  const { rows: roles } = await admin.query<{ name: string }>(
    'select rolname as name from pg_roles where starts_with(rolname, $1)',
    [rolePrefix],
  )
  const names = joinSql(roles.map(({ name }) => ident(name)))
  const statements = [
    ...schemas.map(({ name }) => sql`drop schema ${ident(name)} cascade`),
    ...(['tables', 'functions', 'sequences', 'schemas'] as const).map((objects) =>
      objects === 'functions'
        ? sql`alter default privileges grant execute on functions to public`
        : sql`alter default privileges revoke all on ${objectKeyword[objects]} from public`,
    ),
    ...(roles.length > 0 ? [sql`drop owned by ${names} cascade`, sql`drop role ${names}`] : []),
  ]
  await admin.query(joinSql(statements, ';\n').text)
}

const objectKeyword = { tables: sql`tables`, sequences: sql`sequences`, schemas: sql`schemas` }
