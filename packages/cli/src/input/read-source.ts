import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { WatertightError } from 'watertight/errors'
import type { CommandEnvironment } from '../command-environment.js'
import { isDatabaseUrl } from '../connection/connection-target.js'
import { readMigrations } from './read-migrations.js'
import { decodeScript } from './script-file.js'
import type { Script } from './script-file.js'
import { upSection } from './up-section.js'

/** What a command is to look at: a running database, or scripts to load into a local one. */
export type Source =
  | { readonly kind: 'url'; readonly url: string | undefined }
  | { readonly kind: 'scripts'; readonly name: string; readonly scripts: readonly Script[] }

/**
 * Reads the source that an operand names: a URL, a dump, a folder of migrations, or `-` for a script
 * on stdin. Without operand it is the database of the environment.
 *
 * @throws INVALID_INPUT when it cannot be read.
 */
export async function readSource(
  operand: string | undefined,
  env: CommandEnvironment,
): Promise<Source> {
  if (operand === undefined || isDatabaseUrl(operand)) return { kind: 'url', url: operand }
  if (operand === '-') {
    const script = decodeScript('stdin', await readAll(env))
    if (script.text.trim() === '') throw emptySource('stdin')
    return { kind: 'scripts', name: 'stdin', scripts: [upSection(script)] }
  }
  const path = resolve(env.cwd, operand)
  const found = await stat(path).catch(() => null)
  if (found === null) {
    throw new WatertightError('INVALID_INPUT', `there is no file or folder ${path}`, {
      object: path,
      hint: 'Give the URL of a database, a plain dump, or a folder of migrations.',
    })
  }
  if (found.isDirectory()) {
    return { kind: 'scripts', name: operand, scripts: await readMigrations(path) }
  }
  const script = decodeScript(path, await readFile(path))
  if (script.text.trim() === '') throw emptySource(path)
  return { kind: 'scripts', name: operand, scripts: [upSection(script)] }
}

async function readAll(env: CommandEnvironment): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of env.stdin) {
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer))
  }
  return Buffer.concat(chunks)
}

function emptySource(name: string): WatertightError {
  return new WatertightError('INVALID_INPUT', `${name} is empty`, {
    object: name,
    hint: 'Give a plain dump: pg_dump --schema-only postgres://… > dump.sql',
  })
}
