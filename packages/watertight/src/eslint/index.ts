import type { LintRule } from './rule.js'
import { noDirectPool } from './rules/no-direct-pool/index.js'

export type { AstNode } from './ast.js'
export type { Listeners, LintRule, Report, RuleContext } from './rule.js'
export type { NoDirectPoolOptions } from './rules/no-direct-pool/options.js'

/** Every rule of the plugin by its name. */
const rules: Readonly<Record<string, LintRule>> = {
  'no-direct-pool': noDirectPool,
}

/** A plugin for ESLint's flat configuration and for oxlint's `jsPlugins`. */
export interface LintPlugin {
  readonly meta: { readonly name: string }
  readonly rules: Readonly<Record<string, LintRule>>
  readonly configs: {
    /** Every rule as an error; spread into a flat configuration. */
    readonly recommended: {
      readonly name: string
      readonly plugins: Readonly<Record<string, object>>
      readonly rules: Readonly<Record<string, 'error'>>
    }
  }
}

const bare = { meta: { name: 'watertight' }, rules }

const plugin: LintPlugin = {
  ...bare,
  configs: {
    recommended: {
      name: 'watertight/recommended',
      plugins: { watertight: bare },
      rules: { 'watertight/no-direct-pool': 'error' },
    },
  },
}

// oxlint-disable-next-line import/no-default-export -- ESLint and oxlint load plugins by their default export
export default plugin
