import { drizzleRls } from '../adapters/drizzle.js'
import { knexRls } from '../adapters/knex.js'
import { kyselyRls } from '../adapters/kysely.js'
import { mikroOrm } from '../adapters/mikro-orm.js'
import { orchid } from '../adapters/orchid.js'
import { postgresJs } from '../adapters/postgres-js.js'
import { prisma } from '../adapters/prisma.js'
import { rawRls } from '../adapters/raw-rls.js'
import { rawWhere, rawWherePrepared } from '../adapters/raw-where.js'
import { tenantKit } from '../adapters/tenant-kit.js'
import { watertightPostgres } from '../adapters/watertight-postgres.js'
import { watertight, watertightPlain, watertightUnprepared } from '../adapters/watertight.js'
import { zenstack } from '../adapters/zenstack.js'
import { drizzlePair } from '../orms/drizzle.js'
import { knexPair } from '../orms/knex.js'
import { kyselyPair } from '../orms/kysely.js'
import { mikroOrmPair } from '../orms/mikro-orm.js'
import { prismaPair } from '../orms/prisma.js'
import { typeormPair } from '../orms/typeorm.js'
import type { Adapter } from './adapter.js'
import { bareOf, tenancyOf } from './orm-pair.js'
import type { OrmPair } from './orm-pair.js'

/** What ours is compared with: row level security as their documentation says to do it. */
export const peers: readonly Adapter[] = [
  rawRls,
  postgresJs,
  drizzleRls,
  kyselyRls,
  knexRls,
  prisma,
  mikroOrm,
  orchid,
  tenantKit,
  zenstack,
]

export const ours: readonly Adapter[] = [
  watertight,
  watertightUnprepared,
  watertightPlain,
  watertightPostgres,
]

export const floors: readonly Adapter[] = [rawWhere, rawWherePrepared]

/** What a quick run measures beside the peers. */
export const essentials: readonly Adapter[] = [...floors, watertight, watertightPlain]

/** ORMs with watertight's adapter below them, each beside itself without tenancy. */
export const ormPairs: readonly OrmPair[] = [
  kyselyPair,
  drizzlePair,
  knexPair,
  prismaPair,
  mikroOrmPair,
  typeormPair,
]

export const adapters: readonly Adapter[] = [
  ...floors,
  ...ours,
  ...peers,
  ...ormPairs.flatMap((pair) => [bareOf(pair), tenancyOf(pair)]),
]

export function adapterOf(name: string): Adapter {
  const found = adapters.find((adapter) => adapter.name === name)
  if (found === undefined) throw new RangeError(`there is no adapter ${name}`)
  return found
}
