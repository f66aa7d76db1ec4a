import type { AstNode } from '../../ast.js'
import type { RuleContext, TypeServices } from '../../rule.js'

const declaredIn = /\/node_modules\/(?:@types\/)?(pg|pg-pool|postgres|@electric-sql\/pglite)\//
const names = new Set([
  'Pool',
  'Client',
  'PoolClient',
  'ClientBase',
  'BoundPool',
  'Sql',
  'TransactionSql',
  'ReservedSql',
  'PGlite',
])

/**
 * Asks TypeScript, where the parser has it, whether an expression is a pool: of an import from
 * another file, for example. Returns the module of the pool.
 */
export function typeOfPool(context: RuleContext): (node: AstNode) => string | null {
  const services = context.sourceCode.parserServices as TypeServices | null | undefined
  if (!services?.program || services.getTypeAtLocation === undefined) return () => null
  return (node) => poolModuleOf(services.getTypeAtLocation?.(node))
}

function poolModuleOf(type: unknown): string | null {
  if (typeof type !== 'object' || type === null) return null
  if ('types' in type && Array.isArray(type.types)) {
    return type.types.map(poolModuleOf).find((module) => module !== null) ?? null
  }
  const symbol = 'symbol' in type ? type.symbol : null
  if (typeof symbol !== 'object' || symbol === null) return null
  if (!('name' in symbol) || !names.has(String(symbol.name))) return null
  const declarations = 'declarations' in symbol ? symbol.declarations : null
  if (!Array.isArray(declarations)) return null
  return declarations.map(moduleOfDeclaration).find((module) => module !== null) ?? null
}

interface Declaration {
  getSourceFile?: () => { readonly fileName?: string }
}

function moduleOfDeclaration(declaration: Declaration): string | null {
  const file = declaration.getSourceFile?.().fileName?.replaceAll('\\', '/') ?? ''
  return declaredIn.exec(file)?.[1] ?? null
}
