/** What an export makes: connections themselves, or an ORM on top of them. */
export type MakerKind = 'pool' | 'orm'

interface PoolModule {
  readonly makers: Readonly<Record<string, MakerKind>>
  /** Exports that are a pool already. */
  readonly pools?: readonly string[]
  /** Exports that hold the same again. */
  readonly again?: readonly string[]
  /** Names of the types of pools and connections. */
  readonly types?: readonly string[]
}

const drizzle: PoolModule = { makers: { drizzle: 'orm' } }
const mikroOrm: PoolModule = { makers: { MikroORM: 'orm' } }

/** Modules that open connections to PostgreSQL, by what they export. */
export const poolModules: Readonly<Record<string, PoolModule>> = {
  pg: {
    makers: { Pool: 'pool', Client: 'pool' },
    again: ['native', 'default'],
    types: ['Pool', 'Client', 'PoolClient', 'ClientBase'],
  },
  'pg-pool': { makers: { default: 'pool' }, types: ['default'] },
  'pg-promise': { makers: { default: 'pool' } },
  postgres: { makers: { default: 'pool' }, types: ['Sql', 'TransactionSql', 'ReservedSql'] },
  '@electric-sql/pglite': { makers: { PGlite: 'pool' }, types: ['PGlite', 'PGliteInterface'] },
  '@neondatabase/serverless': {
    makers: { Pool: 'pool', Client: 'pool', neon: 'pool' },
    types: ['Pool', 'Client', 'PoolClient'],
  },
  '@vercel/postgres': {
    makers: { createPool: 'pool', createClient: 'pool' },
    pools: ['sql', 'db'],
    types: ['VercelPool', 'VercelClient', 'VercelPoolClient'],
  },
  slonik: { makers: { createPool: 'pool' }, types: ['DatabasePool'] },
  '@fastify/postgres': { makers: { default: 'orm' } },
  'drizzle-orm/node-postgres': drizzle,
  'drizzle-orm/postgres-js': drizzle,
  'drizzle-orm/pglite': drizzle,
  'drizzle-orm/neon-http': drizzle,
  'drizzle-orm/neon-serverless': drizzle,
  'drizzle-orm/vercel-postgres': drizzle,
  kysely: { makers: { PostgresDialect: 'orm' } },
  'kysely-postgres-js': { makers: { PostgresJSDialect: 'orm' } },
  knex: { makers: { default: 'orm', knex: 'orm' } },
  '@prisma/client': { makers: { PrismaClient: 'orm' } },
  '@prisma/adapter-pg': { makers: { PrismaPg: 'orm' } },
  typeorm: { makers: { DataSource: 'orm', createConnection: 'orm' }, types: ['DataSource'] },
  '@mikro-orm/core': mikroOrm,
  '@mikro-orm/postgresql': mikroOrm,
  sequelize: { makers: { Sequelize: 'orm' }, types: ['Sequelize'] },
}

/** A module of this package: what is handed to it is scoped from there on. */
function isScopedModule(module: string): boolean {
  return module === 'watertight' || module.startsWith('watertight/')
}

/** What a name imported from a module is. */
export type ModuleValue =
  | { readonly kind: 'module'; readonly module: string }
  | { readonly kind: 'maker'; readonly maker: Maker }
  | { readonly kind: 'pool'; readonly maker: Maker }
  | { readonly kind: 'scoped' }

/** An export that opens connections. */
export interface Maker {
  readonly module: string
  readonly name: string
  readonly kind: MakerKind
}

/** The value of a module: of this package, of one that opens connections, or nothing known. */
export function moduleValue(module: string): ModuleValue | null {
  if (isScopedModule(module)) return { kind: 'scoped' }
  return Object.hasOwn(poolModules, module) ? { kind: 'module', module } : null
}

/** The value of an export; a name that is computed may be any of them. */
export function exportValue(module: string, name: string | null): ModuleValue | null {
  const known = poolModules[module]
  if (known === undefined) return null
  if (name !== null && known.again?.includes(name)) return { kind: 'module', module }
  if (name !== null && known.pools?.includes(name)) {
    return { kind: 'pool', maker: { module, name, kind: 'pool' } }
  }
  const found = name === null ? Object.keys(known.makers)[0] : name
  if (found === undefined || !Object.hasOwn(known.makers, found)) return null
  return { kind: 'maker', maker: { module, name: found, kind: known.makers[found] ?? 'pool' } }
}

/** What calling a module itself makes, as `require('postgres')` is called. */
export function callableModule(module: string): Maker | null {
  const kind = poolModules[module]?.makers['default']
  return kind === undefined ? null : { module, name: 'default', kind }
}

/** Whether a type of a module is the type of a pool or connection. */
export function isPoolType(module: string, name: string): boolean {
  return poolModules[module]?.types?.includes(name) === true
}

/** What a pool may be asked for anywhere: it runs no SQL. */
export const lifecycle: ReadonlySet<string> = new Set([
  'addListener',
  'close',
  'closed',
  'database',
  'destroy',
  'escapeIdentifier',
  'escapeLiteral',
  'end',
  'ended',
  'ending',
  'eventNames',
  'expiredCount',
  'getTypeParser',
  'host',
  'idleCount',
  'listenerCount',
  'off',
  'on',
  'once',
  'options',
  'parameters',
  'port',
  'prependListener',
  'processID',
  'ready',
  'release',
  'removeAllListeners',
  'removeListener',
  'setMaxListeners',
  'setTypeParser',
  'ssl',
  'then',
  'totalCount',
  'user',
  'waitReady',
  'waitingCount',
])
