import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Installed versions, by package name. */
export async function packageVersions(
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const found = await Promise.all(
    [...names].sort().map(async (name) => [name, await versionOf(name)] as const),
  )
  return Object.fromEntries(found)
}

/** Not every package exports its package.json, so that the file is looked for above the entry. */
async function versionOf(name: string): Promise<string> {
  const { paths } = createRequire(import.meta.url).resolve
  for (const folder of paths(name) ?? []) {
    try {
      const text = await readFile(join(folder, name, 'package.json'), 'utf8')
      return (JSON.parse(text) as { version: string }).version
    } catch {
      // It lies further up.
    }
  }
  return `not found from ${dirname(import.meta.url)}`
}
