import type { CodeShape } from './code-shape.js'
import { silent } from './code-shape.js'

/** Look-alikes, and the ways that are meant. */
export const silentShapes: readonly CodeShape[] = [
  silent(
    'a pool handed over',
    `import { Pool } from 'pg'\nimport { pgDriver } from 'watertight/pg'\nexport const driver = pgDriver(new Pool())`,
  ),
  silent(
    'a pool handed over among options',
    `import pg from 'pg'\nimport { pgDriver } from 'watertight/pg'\nimport { createTxManager } from 'watertight/runtime'\nexport const tx = createTxManager({ pools: { app: pgDriver(new pg.Pool()), public: pgDriver(new pg.Pool()) } })`,
  ),
  silent(
    'a pool in a variable handed over',
    `import pg from 'pg'\nimport { pgDriver } from 'watertight/pg'\nconst pool = new pg.Pool()\npool.on('error', console.error)\nexport const driver = pgDriver(pool, { prepare: true })\nexport const close = () => pool.end()`,
  ),
  silent(
    'an alias of a pool handed over',
    `import pg from 'pg'\nimport { pgDriver } from 'watertight/pg'\nconst pool = new pg.Pool()\nconst same = pool\nexport const driver = pgDriver(same)`,
  ),
  silent(
    'a pool assigned later and handed over',
    `import pg from 'pg'\nimport { pgDriver } from 'watertight/pg'\nlet pool\nexport function open() {\n  pool = new pg.Pool()\n  return pgDriver(pool)\n}`,
  ),
  silent(
    'pools collected to be closed',
    `import pg from 'pg'\nimport { pgDriver } from 'watertight/pg'\nconst pools: pg.Pool[] = []\nexport const open = (url: string) => {\n  const pool = new pg.Pool({ connectionString: url })\n  pools.push(pool)\n  return pgDriver(pool)\n}\nexport const close = () => Promise.all(pools.map((pool) => pool.end()))`,
  ),
  silent(
    'pools collected to be closed one by one',
    `import pg from 'pg'\nimport { pgDriver } from 'watertight/pg'\nconst pools: pg.Pool[] = []\nexport const open = (url: string) => {\n  const pool = new pg.Pool({ connectionString: url })\n  pools.push(pool)\n  return pgDriver(pool)\n}\nexport async function close() {\n  for (const pool of pools) await pool.end()\n}`,
  ),
  silent(
    'a private pool handed over',
    `import pg from 'pg'\nimport { pgDriver } from 'watertight/pg'\nexport class Db {\n  readonly #pool = new pg.Pool()\n  readonly driver = pgDriver(this.#pool)\n  close() {\n    return this.#pool.end()\n  }\n}`,
  ),
  silent(
    'an injected pool handed over',
    `import { Pool } from 'pg'\nimport { pgDriver } from 'watertight/pg'\nexport class Db {\n  readonly driver\n  constructor(private readonly pool: Pool) {\n    this.driver = pgDriver(this.pool)\n  }\n}`,
  ),
  silent(
    'a typed parameter handed over',
    `import type { Pool } from 'pg'\nimport { pgDriver } from 'watertight/pg'\nexport const driverOf = (pool: Pool) => pgDriver(pool)`,
  ),
  silent(
    'a renamed driver',
    `import pg from 'pg'\nimport { pgDriver as drive } from 'watertight/pg'\nexport const d = drive(new pg.Pool() as pg.Pool)`,
  ),
  silent(
    'a driver of a namespace',
    `import pg from 'pg'\nimport * as wt from 'watertight/pg'\nexport const d = wt.pgDriver(new pg.Pool())`,
  ),
  silent(
    'a driver by require',
    `const { Pool } = require('pg')\nconst { pgDriver } = require('watertight/pg')\nmodule.exports = pgDriver(new Pool())`,
  ),
  silent(
    'postgres handed over',
    `import postgres from 'postgres'\nimport { postgresDriver } from 'watertight/postgres'\nexport const d = postgresDriver(postgres(process.env.URL))`,
  ),
  silent(
    'PGlite handed over',
    `import { PGlite } from '@electric-sql/pglite'\nimport { pgliteDriver } from 'watertight/pglite'\nexport const d = pgliteDriver(await PGlite.create())`,
  ),
  silent(
    'the type of a pool',
    `import type { Pool } from 'pg'\nexport interface Deps { pool: Pool }`,
  ),
  silent(
    'types among values',
    `import { type Pool, types } from 'pg'\nexport type P = Pool\ntypes.setTypeParser(20, BigInt)`,
  ),
  silent(
    'a type that is passed on',
    `export type { Pool } from 'pg'\nexport { type Client } from 'pg'`,
  ),
  silent('what pg exports beside', `export { types, DatabaseError } from 'pg'`),
  silent(
    'an error class',
    `import pg from 'pg'\nexport const is = (e: unknown) => e instanceof pg.DatabaseError`,
  ),
  silent('an unused import', `import { Pool } from 'pg'`),
  silent(
    'a pool of threads',
    `import { Pool } from './threads.js'\nexport const pool = new Pool()\nexport const f = () => pool.query('x')`,
  ),
  silent(
    'a class of this file',
    `class Pool {\n  query() {}\n}\nexport const pool = new Pool()\nexport const f = () => pool.query()`,
  ),
  silent(
    'a name that hides the import',
    `import { Pool } from 'pg'\nexport function f(Pool: new () => object) {\n  return new Pool()\n}`,
  ),
  silent(
    'an undici client',
    `import { Client, Pool } from 'undici'\nexport const p = new Pool('http://x')\nexport const c = new Client('http://x')`,
  ),
  silent(
    'an injected pool of threads',
    `import { Pool } from './threads.js'\nexport class Orders {\n  constructor(private readonly pool: Pool) {}\n  f() {\n    return this.pool.query('x')\n  }\n}`,
  ),
  silent(
    'another token',
    `export class Orders {\n  constructor(@Inject('MAILER') private readonly mailer, @Inject(THREAD_POOL) private readonly threads) {}\n}`,
  ),
  silent(
    'the transaction manager',
    `import type { TxManager } from 'watertight/runtime'\nexport const f = (tx: TxManager, context) => tx.query(context, 'select 1')`,
  ),
  silent('a query of something else', `export const f = (graphql) => graphql.query('{ a }')`),
  silent(
    'a query of a router',
    `import { useRouter } from 'next/router'\nexport const f = () => useRouter().query.id`,
  ),
  silent('a property called pg', `export const f = (book) => book.pg + book.pg.number`),
  silent(
    'Drizzle on the adapter',
    `import { drizzle } from 'drizzle-orm/node-postgres'\nimport { drizzlePool } from 'watertight/drizzle'\nexport const dbOf = (tx, context) => drizzle(drizzlePool(tx, context))`,
  ),
  silent(
    'Drizzle on the adapter in a variable',
    `import { drizzle } from 'drizzle-orm/node-postgres'\nimport { drizzlePool } from 'watertight/drizzle'\nexport const dbOf = (tx, context) => {\n  const client = drizzlePool(tx, context)\n  return drizzle({ client })\n}`,
  ),
  silent(
    'Kysely on the dialect',
    `import { Kysely } from 'kysely'\nimport { WatertightDialect } from 'watertight/kysely'\nexport const dbOf = (tx) => new Kysely({ dialect: new WatertightDialect(tx) })`,
  ),
  silent(
    'Prisma on the adapter',
    `import { PrismaClient } from '@prisma/client'\nimport { prismaAdapter } from 'watertight/prisma'\nexport const prismaOf = (tx) => new PrismaClient({ adapter: prismaAdapter(tx) })`,
  ),
  silent(
    'Knex on another database',
    `import knex from 'knex'\nexport const db = knex({ client: 'better-sqlite3' })`,
  ),
  silent(
    'TypeORM on another database',
    `import { DataSource } from 'typeorm'\nexport const source = new DataSource({ type: 'sqlite', database: 'x' })`,
  ),
  silent(
    'an operator of an ORM',
    `import { eq, sql } from 'drizzle-orm'\nexport const f = (t) => eq(t.id, sql\`now()\`)`,
  ),
  silent(
    'a require of something else',
    `const { Pool } = require('generic-pool')\nmodule.exports = new Pool()`,
  ),
  silent(
    'a require that is computed',
    `const name = process.env.DRIVER\nmodule.exports = require(name)`,
  ),
  silent('a cycle of aliases', `let a = b\nvar b = a\nexport const f = () => a.query('x')`),
  silent(
    'a pool that is asked how full it is',
    `import type { Pool } from 'pg'\nexport const gauge = (pool: Pool) => [pool.totalCount, pool.idleCount, pool.waitingCount]`,
  ),
  {
    name: 'the file that is allowed',
    code: `import { Pool } from 'pg'\nexport const pool = new Pool()`,
    filename: 'src/database/pool.ts',
    options: { allow: ['src/database/*.ts'] },
  },
  {
    name: 'a script that is allowed by name',
    code: `import { Pool } from 'pg'\nawait new Pool().query('vacuum')`,
    filename: 'tools/nightly/vacuum.ts',
    options: { allow: ['{vacuum,reindex}.ts'] },
  },
  ...['src/a.test.ts', 'src/a.spec.js', 'test/helpers.ts', 'src/__tests__/a.ts', 'e2e/a.mts'].map(
    (filename): CodeShape => ({
      name: `a test: ${filename}`,
      code: `import { Pool } from 'pg'\nexport const pool = new Pool()\nexport const f = () => pool.query('select 1')`,
      filename,
    }),
  ),
  {
    name: 'a module beside yours that export pools',
    code: `import { pool } from '../threads.js'\nexport const f = () => pool.query('select 1')`,
    options: { poolModules: ['db.js'] },
  },
]
