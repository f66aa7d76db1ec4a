import type { AstNode } from '../../ast.js'
import { isFunction, nameOf, nodeAt, nodesAt, stringOf, textAt, unwrapped } from '../../ast.js'
import type { Definition, ScopeSource, Variable } from '../../scope.js'
import { variableOf } from '../../scope.js'
import type { Maker, ModuleValue } from './sources.js'
import { callableModule, exportValue, moduleValue } from './sources.js'
import { typedPool } from './types.js'

/** Static methods that make an instance, as `PGlite.create()` and `MikroORM.init()`. */
const factories = new Set(['create', 'init', 'initSync', 'connect'])

/** Members of the class around a node, by name, with what each is set to. */
export type MembersOf = (node: AstNode) => ReadonlyMap<string, readonly AstNode[]>

/**
 * What an expression is, as far as one file tells: a module that opens connections, a class or
 * function of one, a pool, or something that has gone through this package.
 */
export class Values {
  readonly #source: ScopeSource
  readonly #membersOf: MembersOf
  readonly #modules: (module: string) => boolean
  /** Variables under way, so that a cycle ends. */
  readonly #open = new Set<Variable | AstNode>()

  constructor(source: ScopeSource, membersOf: MembersOf, modules: (module: string) => boolean) {
    this.#source = source
    this.#membersOf = membersOf
    this.#modules = modules
  }

  of(expression: AstNode | null): ModuleValue | null {
    if (expression === null || this.#open.size > 24) return null
    const node = unwrapped(expression)
    switch (node.type) {
      case 'Identifier':
        return this.#ofIdentifier(node)
      case 'MemberExpression':
        return this.#ofMember(node)
      case 'NewExpression':
        return this.#made(nodeAt(node, 'callee'))
      case 'CallExpression':
        return this.#ofCall(node)
      case 'ImportExpression':
        return this.#module(stringOf(nodeAt(node, 'source')))
      case 'LogicalExpression':
        return this.#either(node, 'left', 'right')
      case 'ConditionalExpression':
        return this.#either(node, 'consequent', 'alternate')
      case 'AssignmentExpression':
        return this.of(nodeAt(node, 'right'))
      case 'AssignmentPattern':
        return this.of(nodeAt(node, 'right'))
      case 'SequenceExpression':
        return this.of(nodesAt(node, 'expressions').at(-1) ?? null)
      case 'ClassExpression':
      case 'ClassDeclaration':
        return this.#subclass(node)
      default:
        return null
    }
  }

  /** The maker behind a callee, also of a module that is itself called. */
  makerOf(callee: AstNode | null): Maker | null {
    const value = this.of(callee)
    if (value?.kind === 'maker') return value.maker
    return value?.kind === 'module' ? callableModule(value.module) : null
  }

  #either(node: AstNode, first: string, second: string): ModuleValue | null {
    return this.of(nodeAt(node, first)) ?? this.of(nodeAt(node, second))
  }

  #module(name: string | null): ModuleValue | null {
    if (name === null) return null
    if (this.#modules(name))
      return { kind: 'pool', maker: { module: name, name: '*', kind: 'pool' } }
    return moduleValue(name)
  }

  #subclass(node: AstNode): ModuleValue | null {
    const value = this.of(nodeAt(node, 'superClass'))
    return value?.kind === 'maker' ? value : null
  }

  #made(callee: AstNode | null): ModuleValue | null {
    const value = this.of(callee)
    if (value?.kind === 'scoped') return value
    const maker = this.makerOf(callee)
    return maker === null ? null : { kind: 'pool', maker }
  }

  #ofCall(node: AstNode): ModuleValue | null {
    const required = this.#required(node)
    if (required !== null) return this.#module(required)
    const callee = nodeAt(node, 'callee')
    const made = this.#made(callee)
    if (made !== null) return made
    if (callee === null) return null
    const bare = unwrapped(callee)
    if (bare.type === 'MemberExpression' && factories.has(memberName(bare) ?? '')) {
      const maker = this.makerOf(nodeAt(bare, 'object'))
      if (maker !== null) return { kind: 'pool', maker }
    }
    return this.#returned(bare)
  }

  /** What `require('x')` names; also of a `require` that `createRequire` made. */
  #required(node: AstNode): string | null {
    const callee = nodeAt(node, 'callee')
    if (callee === null) return null
    const isModuleRequire =
      callee.type === 'MemberExpression' &&
      textAt(nodeAt(callee, 'object'), 'name') === 'module' &&
      memberName(callee) === 'require'
    if (textAt(callee, 'name') !== 'require' && !isModuleRequire) return null
    const [argument] = nodesAt(node, 'arguments')
    return stringOf(argument ?? null)
  }

  /** What a function of this file returns, when it has one answer. */
  #returned(callee: AstNode): ModuleValue | null {
    const variable = callee.type === 'Identifier' ? variableOf(this.#source, callee) : null
    const [definition] = variable?.defs ?? []
    if (variable === null || definition === undefined || this.#open.has(definition.node))
      return null
    const init = nodeAt(definition.node, 'init')
    const body = isFunction(definition.node) ? definition.node : init
    if (body === null || !isFunction(body)) return null
    this.#open.add(definition.node)
    try {
      return this.of(resultOf(body))
    } finally {
      this.#open.delete(definition.node)
    }
  }

  #ofMember(node: AstNode): ModuleValue | null {
    const object = nodeAt(node, 'object')
    const name = memberName(node)
    if (object?.type === 'ThisExpression') return this.#ofMemberOfThis(node, name)
    const value = this.of(object)
    if (value?.kind === 'module') return exportValue(value.module, name)
    if (value?.kind === 'scoped') return value
    if (value?.kind === 'pool' && value.maker.name === '*') return value
    if (value !== null || object === null || name === null) return null
    const written = this.#propertyOf(object, name)
    return written === null ? null : this.of(written)
  }

  #ofMemberOfThis(node: AstNode, name: string | null): ModuleValue | null {
    if (name === null || this.#open.has(node)) return null
    this.#open.add(node)
    try {
      for (const written of this.#membersOf(node).get(name) ?? []) {
        const value = this.#ofBinding(written)
        if (value !== null) return value
      }
      return null
    } finally {
      this.#open.delete(node)
    }
  }

  /** A property, a parameter property or an expression that a member is set to. */
  #ofBinding(node: AstNode): ModuleValue | null {
    const typed = typedPool(this.#source, node)
    if (typed !== null) return { kind: 'pool', maker: typed }
    return node.type === 'Identifier' || node.type !== 'PropertyDefinition'
      ? this.of(node)
      : this.of(nodeAt(node, 'value'))
  }

  /** The value of a property of an object literal that a constant holds. */
  #propertyOf(object: AstNode, name: string): AstNode | null {
    const bare = unwrapped(object)
    const variable = bare.type === 'Identifier' ? variableOf(this.#source, bare) : null
    const [definition] = variable?.defs ?? []
    const init = definition === undefined ? null : nodeAt(definition.node, 'init')
    const literal = init === null ? null : unwrapped(init)
    if (
      literal?.type !== 'ObjectExpression' ||
      nodeAt(definition?.node ?? null, 'id')?.type !== 'Identifier'
    )
      return null
    const property = nodesAt(literal, 'properties').find(
      (item) => nameOf(nodeAt(item, 'key')) === name,
    )
    return property === undefined ? null : nodeAt(property, 'value')
  }

  #ofIdentifier(node: AstNode): ModuleValue | null {
    const variable = variableOf(this.#source, node)
    if (variable === null || this.#open.has(variable)) return null
    this.#open.add(variable)
    try {
      for (const definition of variable.defs) {
        const value = this.#ofDefinition(definition)
        if (value !== null) return value
      }
      for (const reference of variable.references) {
        if (!reference.isWrite() || !reference.writeExpr) continue
        // A destructuring assignment names the whole right side.
        if (reference.identifier.parent?.type !== 'AssignmentExpression') continue
        const value = this.of(reference.writeExpr)
        if (value !== null) return value
      }
      return null
    } finally {
      this.#open.delete(variable)
    }
  }

  #ofDefinition(definition: Definition): ModuleValue | null {
    const { type, node, name } = definition
    const typed = typedPool(this.#source, name)
    if (typed !== null) return { kind: 'pool', maker: typed }
    switch (type) {
      case 'ImportBinding':
        return this.#imported(definition)
      case 'ClassName':
        return this.#subclass(node)
      case 'Variable': {
        const id = nodeAt(node, 'id')
        return id === null ? null : this.#taken(id, name, this.of(nodeAt(node, 'init')))
      }
      case 'Parameter':
        return this.#parameter(node, name)
      default:
        return null
    }
  }

  #imported({ node, parent }: Definition): ModuleValue | null {
    // `import pg = require('pg')` and `import Pool = pg.Pool`.
    if (node.type === 'TSImportEqualsDeclaration') {
      const reference = nodeAt(node, 'moduleReference')
      if (reference?.type === 'TSQualifiedName') {
        const left = nodeAt(reference, 'left')
        const value = left === null ? null : this.of(left)
        return value?.kind === 'module'
          ? exportValue(value.module, nameOf(nodeAt(reference, 'right')))
          : null
      }
      return this.#module(stringOf(nodeAt(reference, 'expression')))
    }
    const module = this.#module(stringOf(nodeAt(parent ?? null, 'source')))
    if (module?.kind !== 'module' || node.type === 'ImportNamespaceSpecifier') return module
    const name =
      node.type === 'ImportDefaultSpecifier' ? 'default' : nameOf(nodeAt(node, 'imported'))
    return exportValue(module.module, name)
  }

  #parameter(fn: AstNode, name: AstNode): ModuleValue | null {
    // `import('pg').then(({ Pool }) => …)`
    const call = fn.parent
    const callee = call?.type === 'CallExpression' ? nodeAt(call, 'callee') : null
    const [first] = nodesAt(fn, 'params')
    if (first === undefined) return null
    if (callee !== null && memberName(callee) === 'then') {
      const promised = this.of(nodeAt(callee, 'object'))
      const value = this.#taken(first, name, promised)
      if (value !== null) return value
    }
    const defaulted = nodesAt(fn, 'params').find((item) => nodeAt(item, 'left') === name)
    return defaulted === undefined ? null : this.of(nodeAt(defaulted, 'right'))
  }

  /** What a name takes out of a value by the pattern that it stands in. */
  #taken(pattern: AstNode, name: AstNode, value: ModuleValue | null): ModuleValue | null {
    if (pattern === name) return value
    if (pattern.type === 'AssignmentPattern') {
      const left = nodeAt(pattern, 'left')
      return left === null ? null : this.#taken(left, name, value)
    }
    if (pattern.type !== 'ObjectPattern') return null
    for (const property of nodesAt(pattern, 'properties')) {
      const target = nodeAt(property, 'value') ?? nodeAt(property, 'argument')
      if (target === null) continue
      const key = property.type === 'RestElement' ? '…' : nameOf(nodeAt(property, 'key'))
      const inner = key === '…' ? value : memberOf(value, key)
      const found = this.#taken(target, name, inner)
      if (found !== null) return found
    }
    return null
  }
}

function memberOf(value: ModuleValue | null, name: string | null): ModuleValue | null {
  if (value?.kind === 'module') return exportValue(value.module, name)
  if (value?.kind === 'scoped') return value
  return value?.kind === 'pool' && value.maker.name === '*' ? value : null
}

/** The name that a member expression names; null when it is computed at run time. */
export function memberName(node: AstNode): string | null {
  if (node.type !== 'MemberExpression') return null
  const property = nodeAt(node, 'property')
  if ((node as AstNode & { computed?: unknown }).computed === true) return stringOf(property)
  return nameOf(property)
}

function resultOf(fn: AstNode): AstNode | null {
  const body = nodeAt(fn, 'body')
  if (body === null || body.type !== 'BlockStatement') return body
  const returns = nodesAt(body, 'body').filter(({ type }) => type === 'ReturnStatement')
  return returns.length === 1 ? nodeAt(returns[0] ?? null, 'argument') : null
}
