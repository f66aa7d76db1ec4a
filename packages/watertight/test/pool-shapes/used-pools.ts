import type { ReportedShape } from './code-shape.js'
import { shape } from './code-shape.js'

/** Pools that are queried or kept, and ORMs on connections of their own. */
export const usedPools: readonly ReportedShape[] = [
  shape(
    'a query',
    `import { Pool } from 'pg'\nconst pool = new Pool()\nexport const f = () => pool.query('select 1')`,
    'use 3',
  ),
  shape(
    'a checked-out client',
    `import pg from 'pg'\nconst pool = new pg.Pool()\nexport async function f() {\n  const client = await pool.connect()\n  return client\n}`,
    'use 4',
  ),
  shape(
    'pools collected to be queried',
    `import pg from 'pg'\nimport { pgDriver } from 'watertight/pg'\nconst pools: pg.Pool[] = []\nexport const open = (url: string) => {\n  const pool = new pg.Pool({ connectionString: url })\n  pools.push(pool)\n  return pgDriver(pool)\n}\nexport const warm = () => pools.map((pool) => pool.query('select 1'))`,
    'construct 5',
  ),
  shape(
    'pools collected and handed out',
    `import pg from 'pg'\nimport { pgDriver } from 'watertight/pg'\nconst pools: pg.Pool[] = []\nexport const open = (url: string) => {\n  const pool = new pg.Pool({ connectionString: url })\n  pools.push(pool)\n  return pgDriver(pool)\n}\nexport const all = () => pools`,
    'construct 5',
  ),
  shape(
    'a query on the spot',
    `import { Client } from 'pg'\nexport const f = () => new Client().query('select 1')`,
    'use 2',
  ),
  shape(
    'a bound method',
    `import pg from 'pg'\nconst pool = new pg.Pool()\nexport const query = pool.query.bind(pool)`,
    'construct 2',
    'use 3',
  ),
  shape(
    'a destructured method',
    `import pg from 'pg'\nconst pool = new pg.Pool()\nconst { query, end } = pool\nexport { query, end }`,
    'use 3',
  ),
  shape(
    'a method by a computed name',
    `import pg from 'pg'\nconst pool = new pg.Pool()\nexport const run = (verb: string) => pool[verb]('select 1')`,
    'use 3',
  ),
  shape(
    'an optional call',
    `import pg from 'pg'\nlet pool: pg.Pool | undefined\nexport const run = () => pool?.query('select 1')`,
    'use 3',
  ),
  shape(
    'a pool assigned later',
    `import pg from 'pg'\nlet pool\npool = new pg.Pool()\nexport const run = () => pool.query('select 1')`,
    'use 4',
  ),
  shape(
    'a pool made on demand',
    `import pg from 'pg'\nlet pool\nexport const get = () => (pool ??= new pg.Pool())`,
    'construct 3',
  ),
  shape(
    'a factory',
    `import { Pool } from 'pg'\nexport function createPool() {\n  return new Pool()\n}`,
    'construct 3',
  ),
  shape(
    'a query on what a factory returns',
    `import { Pool } from 'pg'\nconst make = () => new Pool()\nexport const f = () => make().query('select 1')`,
    'construct 2',
    'use 3',
  ),
  shape(
    'an argument',
    `import { Pool } from 'pg'\nimport { migrate } from './migrate.js'\nexport const f = () => migrate(new Pool())`,
    'construct 3',
  ),
  shape(
    'a pool in a closure of an object',
    `import pg from 'pg'\nconst db = { pool: new pg.Pool() }\nexport const f = () => db.pool.query('select 1')`,
    'construct 2',
    'use 3',
  ),
  shape(
    'a typed parameter',
    `import type { Pool } from 'pg'\nexport const f = (pool: Pool) => pool.query('select 1')`,
    'use 2',
  ),
  shape(
    'a parameter of a type of a namespace',
    `import pg from 'pg'\nexport function f(client: pg.PoolClient) {\n  return client.query('select 1')\n}`,
    'use 3',
  ),
  shape(
    'a parameter with a default',
    `import { Pool } from 'pg'\nexport const f = (pool = new Pool()) => pool.query('select 1')`,
    'use 2',
  ),
  shape(
    'a parameter of a type in place',
    `export const f = (pool: import('pg').Pool) => pool.query('select 1')`,
    'use 1',
  ),
  shape(
    'the type of an instance',
    `import { Pool } from 'pg'\nexport const f = (p: InstanceType<typeof Pool>) => p.query('select 1')`,
    'use 2',
  ),
  shape(
    'the type of a result',
    `import postgres from 'postgres'\nexport const f = (s: ReturnType<typeof postgres>) => s.unsafe('select 1')`,
    'use 2',
  ),
  shape(
    'dependency injection',
    `import { Pool } from 'pg'\nexport class Orders {\n  constructor(private readonly pool: Pool) {}\n}`,
    'held 3',
  ),
  shape(
    'a query on what was injected',
    `import { Pool } from 'pg'\nexport class Orders {\n  constructor(private readonly pool: Pool) {}\n  list() {\n    return this.pool.query('select 1')\n  }\n}`,
    'use 5',
  ),
  shape(
    'a query on an injected parameter',
    `import { Pool } from 'pg'\nexport class Orders {\n  private pool\n  constructor(pool: Pool) {\n    this.pool = pool\n  }\n  list() {\n    return this.pool.query('select 1')\n  }\n}`,
    'use 8',
  ),
  shape(
    'a property',
    `import pg from 'pg'\nexport class Orders {\n  pool = new pg.Pool()\n}`,
    'construct 3',
  ),
  shape(
    'a private field',
    `import pg from 'pg'\nexport class Orders {\n  #pool = new pg.Pool()\n  list() {\n    return this.#pool.query('select 1')\n  }\n}`,
    'use 5',
  ),
  shape(
    'a static pool',
    `import pg from 'pg'\nexport class Db {\n  static pool = new pg.Pool()\n}`,
    'construct 3',
  ),
  shape(
    'a token of Nest',
    `import { Inject } from '@nestjs/common'\nexport class Orders {\n  constructor(@Inject('PG_POOL') private readonly db) {}\n}`,
    'held 3',
  ),
  shape(
    'a token of Nest that is a constant',
    `import { Inject } from '@nestjs/common'\nimport { PG_POOL } from './tokens.js'\nexport class Orders {\n  @Inject(PG_POOL) private readonly db: any\n}`,
    'held 4',
  ),
  {
    name: 'a token of your own',
    code: `export class Orders {\n  constructor(@Inject(WAREHOUSE) private readonly db) {}\n}`,
    options: { tokens: ['WAREHOUSE'] },
    problems: ['held 2'],
  },
  shape(
    'a data source of Nest',
    `import { InjectDataSource } from '@nestjs/typeorm'\nimport { DataSource } from 'typeorm'\nexport class Orders {\n  constructor(@InjectDataSource() private readonly db: DataSource) {}\n}`,
    'held 4',
  ),
  shape(
    'a provider of Nest',
    `import { Pool } from 'pg'\nexport const provider = { provide: 'PG', useFactory: () => new Pool() }`,
    'construct 2',
  ),
  shape(
    'the plugin of Fastify',
    `import postgres from '@fastify/postgres'\nexport const f = (app) => app.get('/', () => app.pg.query('select 1'))`,
    'use 2',
  ),
  shape(
    'the plugin of Fastify on a request',
    `export const f = (request) => request.server.pg.connect()`,
    'use 1',
  ),
  shape(
    'postgres',
    `import postgres from 'postgres'\nexport const sql = postgres(process.env.URL)`,
    'construct 2',
  ),
  shape(
    'a template of postgres',
    `import postgres from 'postgres'\nconst sql = postgres()\nexport const f = (id) => sql\`select * from t where id = \${id}\``,
    'use 3',
  ),
  shape(
    'a call of postgres',
    `import postgres from 'postgres'\nconst sql = postgres()\nexport const f = (rows) => sql(rows)`,
    'use 3',
  ),
  shape(
    'a method of postgres',
    `const sql = require('postgres')()\nmodule.exports = () => sql.unsafe('select 1')`,
    'use 2',
  ),
  shape(
    'a transaction of postgres',
    `import postgres from 'postgres'\nconst sql = postgres()\nexport const f = () => sql.begin((tx) => tx\`select 1\`)`,
    'use 3',
  ),
  shape(
    'PGlite',
    `import { PGlite } from '@electric-sql/pglite'\nexport const db = new PGlite()`,
    'construct 2',
  ),
  shape(
    'PGlite.create',
    `import { PGlite } from '@electric-sql/pglite'\nconst db = await PGlite.create()\nexport const f = () => db.query('select 1')`,
    'use 3',
  ),
  shape(
    'Neon',
    `import { neon } from '@neondatabase/serverless'\nexport const sql = neon(process.env.URL)`,
    'construct 2',
  ),
  shape(
    'a template of Vercel',
    `import { sql } from '@vercel/postgres'\nexport const f = () => sql\`select 1\``,
    'use 2',
  ),
  shape('pg-pool', `import Pool from 'pg-pool'\nexport const p = new Pool()`, 'construct 2'),
  shape(
    'pg-promise',
    `import pgPromise from 'pg-promise'\nconst pgp = pgPromise()\nexport const db = pgp(process.env.URL)`,
    'use 3',
  ),
  shape(
    'Drizzle on a URL',
    `import { drizzle } from 'drizzle-orm/node-postgres'\nexport const db = drizzle(process.env.URL)`,
    'orm 2',
  ),
  shape(
    'Drizzle on a pool',
    `import { drizzle } from 'drizzle-orm/node-postgres'\nimport { Pool } from 'pg'\nexport const db = drizzle(new Pool())`,
    'orm 3',
  ),
  shape(
    'Drizzle on the pool of a variable',
    `import { drizzle } from 'drizzle-orm/node-postgres'\nimport { Pool } from 'pg'\nconst client = new Pool()\nexport const db = drizzle({ client })`,
    'orm 4',
  ),
  shape(
    'Kysely',
    `import { Kysely, PostgresDialect } from 'kysely'\nimport { Pool } from 'pg'\nexport const db = new Kysely({ dialect: new PostgresDialect({ pool: new Pool() }) })`,
    'orm 3',
  ),
  shape(
    'Knex',
    `import knex from 'knex'\nexport const db = knex({ client: 'pg', connection: {} })`,
    'orm 2',
  ),
  shape(
    'Knex by require',
    `const db = require('knex')({ client: 'pg' })\nmodule.exports = db`,
    'orm 1',
  ),
  shape(
    'Prisma',
    `import { PrismaClient } from '@prisma/client'\nexport const prisma = new PrismaClient()`,
    'orm 2',
  ),
  shape(
    'Prisma on its own adapter',
    `import { PrismaClient } from '@prisma/client'\nimport { PrismaPg } from '@prisma/adapter-pg'\nexport const prisma = new PrismaClient({ adapter: new PrismaPg({}) })`,
    'orm 3',
  ),
  shape(
    'TypeORM',
    `import { DataSource } from 'typeorm'\nexport const source = new DataSource({ type: 'postgres' })`,
    'orm 2',
  ),
  shape(
    'MikroORM',
    `import { MikroORM } from '@mikro-orm/postgresql'\nexport const orm = await MikroORM.init({ dbName: 'x' })`,
    'orm 2',
  ),
  {
    name: 'a pool of a module of yours',
    code: `import { pool } from '../db.js'\nexport const f = () => pool.query('select 1')`,
    options: { poolModules: ['db.js'] },
    problems: ['use 2'],
  },
  {
    name: 'a pool in a test that is not allowed',
    code: `import { Pool } from 'pg'\nexport const pool = new Pool()`,
    filename: 'src/orders.test.ts',
    options: { allowTests: false },
    problems: ['construct 2'],
  },
]
