import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The bundled console of this workspace; null where it was not bundled. */
export function bundledConsole(): string | null {
  try {
    const manifest = createRequire(import.meta.url).resolve('@watertight/console/package.json')
    const folder = join(dirname(manifest), 'dist/web')
    return existsSync(join(folder, 'index.html')) ? folder : null
  } catch {
    return null
  }
}
