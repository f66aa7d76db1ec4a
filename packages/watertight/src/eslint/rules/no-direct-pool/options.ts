import type { AstNode } from '../../ast.js'
import { nameOf, nodeAt, nodesAt, stringOf } from '../../ast.js'
import { fitsGlob, pathBelow } from '../../glob.js'
import type { RuleContext } from '../../rule.js'

/** What the rule can be told; every field is optional. */
export interface NoDirectPoolOptions {
  /** Globs of files that may use pools: the one that opens them, migrations, scripts. */
  readonly allow: readonly string[]
  /** Test files may use pools; true by default. */
  readonly allowTests: boolean
  /** Globs of import specifiers of your own modules that export a pool, such as `db.js`. */
  readonly poolModules: readonly string[]
  /** Injection tokens of pools. */
  readonly tokens: readonly string[]
}

/** JSON schema of the options. */
export const optionsSchema: readonly object[] = [
  {
    type: 'object',
    properties: {
      allow: { type: 'array', items: { type: 'string' } },
      allowTests: { type: 'boolean' },
      poolModules: { type: 'array', items: { type: 'string' } },
      tokens: { type: 'array', items: { type: 'string' } },
    },
    additionalProperties: false,
  },
]

const defaults: NoDirectPoolOptions = {
  allow: [],
  allowTests: true,
  poolModules: [],
  tokens: [],
}

const tests = [
  '**/*.{test,spec,e2e-spec,bench}.{js,jsx,ts,tsx,mjs,cjs,mts,cts}',
  '**/{test,tests,__tests__,e2e}/**',
]

/** The options of a file; ESLint has checked them against the schema. */
export function optionsOf({ options }: RuleContext): NoDirectPoolOptions {
  const [given] = options
  return { ...defaults, ...(given as Partial<NoDirectPoolOptions> | undefined) }
}

/** Whether the file may use pools directly. */
export function isAllowedFile(context: RuleContext, options: NoDirectPoolOptions): boolean {
  const path = pathBelow(context.cwd ?? '', context.filename)
  const globs = options.allowTests ? [...tests, ...options.allow] : options.allow
  return globs.some((glob) => fitsGlob(path, glob))
}

const likelyToken = /^(pg|postgres(ql)?|db|database)[-_]?(pool|client|connection)$/i

/** Whether a decorator injects a pool or the connection of an ORM, whatever the type says. */
export function injectsPool(decorated: AstNode, { tokens }: NoDirectPoolOptions): boolean {
  return nodesAt(decorated, 'decorators').some((decorator) => {
    const call = nodeAt(decorator, 'expression')
    const name = nameOf(nodeAt(call, 'callee'))
    if (name === 'InjectDataSource' || name === 'InjectConnection') return true
    if (name !== 'Inject') return false
    const [argument] = nodesAt(call, 'arguments')
    const token = stringOf(argument ?? null) ?? nameOf(argument ?? null)
    return token !== null && (tokens.includes(token) || likelyToken.test(token))
  })
}
