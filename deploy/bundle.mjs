// Builds the platform's programs with all that they import into one folder, from the sources:
//   node deploy/bundle.mjs FOLDER
// and the console beside them, for browsers, in FOLDER/console.
// What runs in production is what package-lock.json pins and the programs reach, and nothing else.
import { cp } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

const platform = fileURLToPath(new URL('../apps/platform/', import.meta.url))

/**
 * Builds `dist/src/<program>.mjs` and `migrations` into a folder, which it empties first.
 *
 * @param {string} folder
 * @param {readonly ('migrate' | 'server' | 'worker' | 'eraser')[]} [programs] all by default
 * @returns {Promise<readonly string[]>} paths of the modules that are in it
 */
export async function bundle(folder, programs = ['migrate', 'server', 'worker', 'eraser']) {
  const built = await build({
    root: platform,
    configFile: false,
    logLevel: 'error',
    ssr: {
      noExternal: true,
      // Optional parts of pg that nothing here uses.
      external: ['pg-native', 'pg-cloudflare'],
      resolve: { conditions: ['watertight-source', 'node'] },
    },
    build: {
      ssr: true,
      outDir: resolve(folder),
      emptyOutDir: true,
      target: 'node20',
      rolldownOptions: {
        input: Object.fromEntries(programs.map((name) => [name, join(platform, `src/${name}.ts`)])),
        // As deep as the sources are, which find the migrations from where they stand.
        output: {
          entryFileNames: 'dist/src/[name].mjs',
          chunkFileNames: 'dist/src/[name]-[hash].mjs',
        },
      },
    },
  })
  await cp(join(platform, 'migrations'), join(folder, 'migrations'), { recursive: true })
  const outputs = [built].flat().flatMap((one) => ('output' in one ? one.output : []))
  return outputs.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))
}

/**
 * Builds the console for browsers into a folder: what `CONSOLE_FOLDER` names.
 *
 * @param {string} folder
 */
export async function bundleConsole(folder) {
  const root = fileURLToPath(new URL('../apps/console/', import.meta.url))
  await build({ root, logLevel: 'error', build: { outDir: resolve(folder) } })
}

const [, program, folder] = argv
if (program !== undefined && import.meta.url === pathToFileURL(program).href) {
  if (folder === undefined) throw new Error('Usage: node deploy/bundle.mjs FOLDER')
  await bundle(folder)
  await bundleConsole(join(folder, 'console'))
}
