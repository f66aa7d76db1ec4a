import { sourceOf } from './sources.js'

/** A string literal, and what it holds. */
const literal = /(['`])((?:\\.|(?!\1)[^\\\n])+)\1/g
/** What vitest and templates put values in place of. */
const placeholder = /%[sdifjo]|%%|\$\{[^}]*\}|\$[A-Za-z]\w*/

/** Where the rest of the titles of a file comes from. */
const contracts: Readonly<Record<string, readonly string[]>> = {
  'src/http/express.test.ts': ['../../test/http-contract.ts', 'test/bad-identities.ts'],
}

/** Patterns of how the names of the tests of a file can end. */
export async function titlePatterns(file: string): Promise<readonly RegExp[]> {
  const files = [file, ...(contracts[file] ?? [])]
  const source = (await Promise.all(files.map(sourceOf))).join('\n')
  const titles = [...source.matchAll(literal)].map(([, , text = '']) => text.replaceAll("\\'", "'"))
  return titles.filter(isTelling).map((title) => {
    const parts = title.split(placeholder).map((part) => part.replaceAll(/[^\w ]/g, '\\$&'))
    return new RegExp(`(?:^| )${parts.join('.+')}$`, 's')
  })
}

/** A title of placeholders alone would match anything. */
function isTelling(title: string): boolean {
  return title.split(placeholder).join('').trim().length >= 4
}
