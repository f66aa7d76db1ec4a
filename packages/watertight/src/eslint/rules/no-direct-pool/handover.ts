import type { AstNode } from '../../ast.js'
import { childrenOf, isFunction, nameOf, nodeAt, nodesAt, textAt, wrapped } from '../../ast.js'
import type { ScopeSource, Variable } from '../../scope.js'
import { variableOf } from '../../scope.js'
import type { Classes } from './members.js'
import { lifecycle } from './sources.js'
import type { Values } from './values.js'
import { memberName } from './values.js'

/** Decides whether a pool stays where every use of it is seen, or goes to this package. */
export class Handover {
  readonly #source: ScopeSource
  readonly #values: Values
  readonly #classes: Classes
  readonly #open = new Set<Variable | AstNode>()

  constructor(source: ScopeSource, values: Values, classes: Classes) {
    this.#source = source
    this.#values = values
    this.#classes = classes
  }

  /**
   * True when the expression, which is a pool, goes to this package, or to a place in this file
   * whose uses are looked at one by one.
   */
  isContained(expression: AstNode): boolean {
    const node = wrapped(expression)
    const { parent } = node
    if (!parent) return false
    switch (parent.type) {
      case 'MemberExpression':
        // A use of its own, or of what is behind it.
        return nodeAt(parent, 'object') === node
      case 'TaggedTemplateExpression':
      case 'IfStatement':
      case 'UnaryExpression':
      case 'BinaryExpression':
        return true
      case 'CallExpression':
      case 'NewExpression':
        return (
          nodeAt(parent, 'callee') === node || this.#isTaken(parent) || this.#isCollected(parent)
        )
      case 'Property':
      case 'ObjectExpression':
      case 'ArrayExpression':
        return this.#isTakenAround(parent)
      case 'LogicalExpression':
      case 'ConditionalExpression':
        return nodeAt(parent, 'test') === node || this.isContained(parent)
      case 'VariableDeclarator':
        return this.#isBoundTo(nodeAt(parent, 'id'))
      case 'AssignmentPattern':
        return nodeAt(parent, 'right') === node && this.#isBoundTo(nodeAt(parent, 'left'))
      case 'AssignmentExpression':
        if (nodeAt(parent, 'left') === node) return true
        if (parent.parent?.type !== 'ExpressionStatement' && !this.isContained(parent)) return false
        return this.#isBoundTo(nodeAt(parent, 'left'))
      case 'PropertyDefinition':
        return this.#isPrivate(parent) && this.areContained(parent, nameOf(nodeAt(parent, 'key')))
      default:
        return false
    }
  }

  /** True when every `this.name` of the class around a node is contained. */
  areContained(node: AstNode, name: string | null): boolean {
    if (name === null) return false
    if (this.#open.has(node)) return true
    this.#open.add(node)
    try {
      const reads = this.#classes.around(node).read.get(name) ?? []
      return reads.length > 0 && reads.every((read) => this.isContained(read))
    } finally {
      this.#open.delete(node)
    }
  }

  /** True when an ORM is given something that has gone through this package. */
  isScoped(call: AstNode): boolean {
    return nodesAt(call, 'arguments').some((argument) => this.#mentionsScope(argument, 3))
  }

  #mentionsScope(node: AstNode, depth: number): boolean {
    if (isFunction(node)) return false
    if (
      node.type === 'Identifier' ||
      node.type === 'CallExpression' ||
      node.type === 'NewExpression'
    ) {
      if (this.#values.of(node)?.kind === 'scoped') return true
    }
    if (node.type === 'Identifier' && depth > 0) {
      const [definition] = variableOf(this.#source, node)?.defs ?? []
      const init = definition?.type === 'Variable' ? nodeAt(definition.node, 'init') : null
      return init !== null && this.#mentionsScope(init, depth - 1)
    }
    return childrenOf(node).some((child) => this.#mentionsScope(child, depth))
  }

  /** Whether what is called takes responsibility: this package, or an ORM that is reported itself. */
  #isTaken(call: AstNode): boolean {
    const callee = nodeAt(call, 'callee')
    if (this.#values.of(callee)?.kind === 'scoped') return true
    if (this.#values.makerOf(callee)?.kind === 'orm') return true
    const object = callee?.type === 'MemberExpression' ? nodeAt(callee, 'object') : null
    return this.#values.makerOf(object)?.kind === 'orm'
  }

  /** `pools.push(pool)`, where the list of this file is for closing them all. */
  #isCollected(call: AstNode): boolean {
    const callee = nodeAt(call, 'callee')
    const list = callee === null || memberName(callee) !== 'push' ? null : nodeAt(callee, 'object')
    const variable = list?.type === 'Identifier' ? variableOf(this.#source, list) : null
    if (variable === null || isExported(variable)) return false
    return variable.references
      .filter((reference) => reference.isRead())
      .every(({ identifier }) => this.#closesEach(identifier))
  }

  #closesEach(list: AstNode): boolean {
    const { parent } = list
    if (!parent) return false
    if (parent.type === 'ForOfStatement') {
      const [declared] = nodesAt(nodeAt(parent, 'left'), 'declarations')
      return nodeAt(parent, 'right') === list && this.#isOnlyClosed(nodeAt(declared ?? null, 'id'))
    }
    const name = nodeAt(parent, 'object') === list ? memberName(parent) : null
    if (name === 'push' || name === 'length') return true
    if (name !== 'map' && name !== 'forEach') return false
    const [callback] = nodesAt(parent.parent ?? null, 'arguments')
    const [parameter] = nodesAt(callback ?? null, 'params')
    return this.#isOnlyClosed(parameter ?? null)
  }

  #isOnlyClosed(name: AstNode | null): boolean {
    const variable = name?.type === 'Identifier' ? variableOf(this.#source, name) : null
    const reads = variable?.references.filter((reference) => reference.isRead()) ?? []
    return (
      variable !== null &&
      reads.every(({ identifier: { parent } }) =>
        lifecycle.has((parent && memberName(parent)) ?? ''),
      )
    )
  }

  /** As {@link #isTaken}, from inside of an object or array literal that is an argument. */
  #isTakenAround(literal: AstNode): boolean {
    let node = wrapped(literal)
    while (node.parent) {
      const { parent } = node
      if (parent.type === 'CallExpression' || parent.type === 'NewExpression') {
        return this.#isTaken(parent)
      }
      if (!['Property', 'ObjectExpression', 'ArrayExpression'].includes(parent.type)) return false
      node = wrapped(parent)
    }
    return false
  }

  #isBoundTo(target: AstNode | null): boolean {
    if (target === null) return false
    if (target.type === 'ObjectPattern') return true
    if (target.type === 'MemberExpression') {
      if (nodeAt(target, 'object')?.type !== 'ThisExpression') return false
      return this.#isPrivateMember(target) && this.areContained(target, memberName(target))
    }
    const variable = target.type === 'Identifier' ? variableOf(this.#source, target) : null
    if (variable === null || isExported(variable)) return false
    if (this.#open.has(variable)) return true
    this.#open.add(variable)
    try {
      const reads = variable.references.filter((reference) => reference.isRead())
      return reads.length > 0 && reads.every(({ identifier }) => this.isContained(identifier))
    } finally {
      this.#open.delete(variable)
    }
  }

  #isPrivateMember(target: AstNode): boolean {
    const name = memberName(target)
    if (name === null) return false
    const declared = this.#classes.around(target).written.get(name) ?? []
    return name.startsWith('#') || declared.some((node) => this.#isPrivate(node))
  }

  #isPrivate(member: AstNode): boolean {
    const holder = member.parent?.type === 'TSParameterProperty' ? member.parent : member
    return (
      nodeAt(holder, 'key')?.type === 'PrivateIdentifier' ||
      textAt(holder, 'accessibility') === 'private'
    )
  }
}

function isExported({ defs, references }: Variable): boolean {
  const isDeclaredSo = defs.some(({ parent }) => parent?.parent?.type === 'ExportNamedDeclaration')
  return (
    isDeclaredSo ||
    references.some(({ identifier }) => identifier.parent?.type.startsWith('Export') === true)
  )
}
