import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const projectRoot: string = fileURLToPath(new URL('../../../..', import.meta.url))

/** Absolute path of a file of `packages/watertight`. */
export function pathOf(file: string): string {
  return join(projectRoot, 'packages/watertight', file)
}

export function sourceOf(file: string): Promise<string> {
  return readFile(pathOf(file), 'utf8')
}
