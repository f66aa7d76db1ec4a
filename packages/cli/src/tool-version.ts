import { readFile } from 'node:fs/promises'

/** The version of this package. */
export async function toolVersion(): Promise<string> {
  const parsed: unknown = JSON.parse(
    await readFile(new URL('../package.json', import.meta.url), 'utf8'),
  )
  const version: unknown =
    typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'version') : undefined
  return typeof version === 'string' ? version : 'unknown'
}
