import { fileURLToPath } from 'node:url'
import { mergeConfig } from 'vitest/config'
import project from '../../../../vitest.config.ts'

/*
 * The configuration of the project, with one source file as WATERTIGHT_MUTANT says:
 * { "file": absolute path, "source": what the file holds for this run }.
 */
const mutant = JSON.parse(process.env.WATERTIGHT_MUTANT ?? 'null')

export default mergeConfig(project, {
  root: fileURLToPath(new URL('../../../..', import.meta.url)),
  plugins: [
    {
      name: 'watertight:mutant',
      enforce: 'pre',
      load: (id) => (id.split('?')[0] === mutant?.file ? mutant.source : null),
    },
  ],
})
