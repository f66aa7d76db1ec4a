import { spawn } from 'node:child_process'
import { access } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/*
 * Compiled, this file lies in bench/dist/bench/src; as a source, in bench/src.
 */
const benchFolder = new URL(
  import.meta.url.includes('/dist/') ? '../../../' : '../',
  import.meta.url,
)

/** The client that `prisma generate` makes of bench/prisma/schema.prisma. */
export const generatedClient: URL = new URL('dist/prisma-client/index.js', benchFolder)

/**
 * Generates the client unless it is there. The generator needs no engine, but would download one;
 * any existing file in its place keeps it from the network.
 */
export async function generatePrismaClient(): Promise<void> {
  const isThere = await access(generatedClient).then(
    () => true,
    () => false,
  )
  if (isThere) return
  const program = createRequire(import.meta.url).resolve('prisma/build/index.js')
  const schema = fileURLToPath(new URL('prisma/schema.prisma', benchFolder))
  const child = spawn(process.execPath, [program, 'generate', '--schema', schema], {
    stdio: 'ignore',
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  })
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`prisma generate ended with exit code ${code}`))
    })
  })
}
