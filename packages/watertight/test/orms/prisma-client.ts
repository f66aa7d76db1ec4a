import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { PrismaTenancyAdapter } from 'watertight/prisma'

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../../../..', import.meta.url))

/** The class of a client that Prisma generated for a test, in the types that the test declares. */
export interface GeneratedPrisma<Client> {
  readonly PrismaClient: new (options: { adapter: PrismaTenancyAdapter }) => Client
  remove(): Promise<void>
}

/**
 * Generates a Prisma client from models, without a network: Prisma's command line looks for the
 * binary of its schema engine before it generates, although generating does not use it; so it is
 * told to take another program for it.
 */
export async function generatePrismaClient<Client>(
  models: string,
): Promise<GeneratedPrisma<Client>> {
  const cache = join(root, 'node_modules', '.cache')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'watertight-prisma-'))
  await writeFile(join(folder, 'schema.prisma'), `${generator}\n${models}`)
  const program = join(dirname(require.resolve('prisma/package.json')), 'build', 'index.js')
  await promisify(execFile)(
    process.execPath,
    [program, 'generate', '--schema', join(folder, 'schema.prisma')],
    {
      cwd: root,
      env: {
        ...process.env,
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
        NODE_OPTIONS: '',
      },
    },
  )
  const { PrismaClient } = require(join(folder, 'client')) as GeneratedPrisma<Client>
  return { PrismaClient, remove: () => rm(folder, { recursive: true, force: true }) }
}

const generator = `
generator client {
  provider   = "prisma-client-js"
  output     = "./client"
  engineType = "client"
}
datasource db {
  provider = "postgresql"
  schemas  = ["app", "shop"]
}
`
