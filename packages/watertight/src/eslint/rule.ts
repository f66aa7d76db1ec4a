import type { AstNode } from './ast.js'
import type { ScopeSource } from './scope.js'

/** What a rule reports. */
export interface Report {
  readonly node: AstNode
  readonly messageId: string
  readonly data?: Readonly<Record<string, string>>
}

/** The parser's bridge to TypeScript, with `parserOptions.projectService`. */
export interface TypeServices {
  readonly program?: unknown
  getTypeAtLocation?(node: AstNode): unknown
}

/** The part of ESLint's rule context that this plugin uses; oxlint has the same. */
export interface RuleContext {
  readonly filename: string
  readonly cwd?: string
  readonly options: readonly unknown[]
  readonly sourceCode: ScopeSource & { readonly parserServices?: unknown }
  report(report: Report): void
}

export type Listeners = Readonly<Record<string, (node: AstNode) => void>>

/** A rule for ESLint 9 and later, and for oxlint's `jsPlugins`. */
export interface LintRule {
  readonly meta: {
    readonly type: 'problem'
    readonly docs: { readonly description: string; readonly url: string }
    readonly messages: Readonly<Record<string, string>>
    readonly schema: readonly object[]
    readonly defaultOptions?: readonly object[]
  }
  create(context: RuleContext): Listeners
}
