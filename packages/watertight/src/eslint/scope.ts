import type { AstNode } from './ast.js'
import { textAt } from './ast.js'

/** What the scope analysis of ESLint and oxlint offers of a reference. */
export interface Reference {
  readonly identifier: AstNode
  readonly writeExpr?: AstNode | null | undefined
  isRead(): boolean
  isWrite(): boolean
}

export interface Definition {
  readonly type: string
  readonly name: AstNode
  readonly node: AstNode
  readonly parent?: AstNode | null | undefined
}

export interface Variable {
  readonly name: string
  readonly defs: readonly Definition[]
  readonly references: readonly Reference[]
}

export interface Scope {
  readonly set: ReadonlyMap<string, Variable>
  readonly upper: Scope | null
}

/** The part of a linter's source code that looks names up. */
export interface ScopeSource {
  getScope(node: AstNode): Scope
}

/** The variable that an identifier means; null for a global. */
export function variableOf(source: ScopeSource, identifier: AstNode): Variable | null {
  const name = textAt(identifier, 'name')
  if (name === null) return null
  let scope: Scope | null = source.getScope(identifier)
  while (scope !== null) {
    const variable = scope.set.get(name)
    if (variable !== undefined) return variable.defs.length > 0 ? variable : null
    scope = scope.upper
  }
  return null
}
