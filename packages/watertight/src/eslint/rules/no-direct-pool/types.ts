import type { AstNode } from '../../ast.js'
import { nameOf, nodeAt, nodesAt, stringOf, textAt } from '../../ast.js'
import type { ScopeSource } from '../../scope.js'
import { variableOf } from '../../scope.js'
import type { Maker } from './sources.js'
import { isPoolType, poolModules } from './sources.js'

/** The pool that a parameter, property or variable is declared to be, by its type annotation. */
export function typedPool(source: ScopeSource, binding: AstNode): Maker | null {
  const bare = binding.type === 'AssignmentPattern' ? (nodeAt(binding, 'left') ?? binding) : binding
  const annotation = nodeAt(nodeAt(bare, 'typeAnnotation'), 'typeAnnotation')
  return annotation === null ? null : poolOf(source, annotation)
}

function poolOf(source: ScopeSource, type: AstNode): Maker | null {
  if (type.type === 'TSUnionType' || type.type === 'TSIntersectionType') {
    return firstOf(source, nodesAt(type, 'types'))
  }
  if (type.type === 'TSImportType') return ofImportType(type)
  if (type.type !== 'TSTypeReference') return null
  const name = nodeAt(type, 'typeName')
  const named = name === null ? null : ofTypeName(source, name)
  if (named !== null) return named
  const wrapper = textAt(name, 'name')
  const inner = nodesAt(nodeAt(type, 'typeArguments') ?? nodeAt(type, 'typeParameters'), 'params')
  if (wrapper === 'InstanceType' || wrapper === 'ReturnType') {
    const query = inner[0]?.type === 'TSTypeQuery' ? nodeAt(inner[0], 'exprName') : null
    return query === null ? null : ofMaker(source, query)
  }
  const transparent = new Set(['Awaited', 'Promise', 'Readonly', 'NonNullable', 'Partial'])
  return transparent.has(wrapper ?? '') ? firstOf(source, inner) : null
}

function firstOf(source: ScopeSource, types: readonly AstNode[]): Maker | null {
  for (const type of types) {
    const found = poolOf(source, type)
    if (found !== null) return found
  }
  return null
}

function ofTypeName(source: ScopeSource, name: AstNode): Maker | null {
  const exported = exportedName(source, name)
  if (exported === null || !isPoolType(exported.module, exported.name)) return null
  return { ...exported, kind: 'pool' }
}

/** `InstanceType<typeof Pool>`, `ReturnType<typeof postgres>`. */
function ofMaker(source: ScopeSource, name: AstNode): Maker | null {
  const exported = exportedName(source, name)
  if (exported === null) return null
  const kind = poolModules[exported.module]?.makers[exported.name]
  return kind === 'pool' ? { ...exported, kind } : null
}

interface Exported {
  readonly module: string
  readonly name: string
}

function exportedName(source: ScopeSource, name: AstNode): Exported | null {
  if (name.type === 'TSQualifiedName') {
    const left = nodeAt(name, 'left')
    const right = nameOf(nodeAt(name, 'right'))
    const scope = left === null ? null : importOf(source, left)
    return scope === null || right === null ? null : { module: scope.module, name: right }
  }
  return importOf(source, name)
}

function importOf(source: ScopeSource, identifier: AstNode): Exported | null {
  const variable = identifier.type === 'Identifier' ? variableOf(source, identifier) : null
  const definition = variable?.defs.find(({ type }) => type === 'ImportBinding')
  if (definition === undefined) return null
  const { node, parent } = definition
  const declared = nodeAt(node, 'moduleReference')
  const module = stringOf(nodeAt(parent ?? null, 'source') ?? nodeAt(declared, 'expression'))
  if (module === null) return null
  return { module, name: nameOf(nodeAt(node, 'imported')) ?? 'default' }
}

/** `import('pg').Pool` */
function ofImportType(type: AstNode): Maker | null {
  const source = nodeAt(type, 'source') ?? nodeAt(nodeAt(type, 'argument'), 'literal')
  const module = stringOf(source)
  const name = nameOf(nodeAt(type, 'qualifier'))
  if (module === null || name === null || !isPoolType(module, name)) return null
  return { module, name, kind: 'pool' }
}
