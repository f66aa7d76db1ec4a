import type { AstNode } from '../../ast.js'
import { childrenOf, nameOf, nodeAt, nodesAt, unwrapped } from '../../ast.js'
import type { MembersOf } from './values.js'
import { memberName } from './values.js'

/** What a class keeps, by the name of the member. */
export interface ClassMembers {
  /** Properties, parameter properties, and expressions that are assigned to `this.name`. */
  readonly written: ReadonlyMap<string, readonly AstNode[]>
  /** Every `this.name`. */
  readonly read: ReadonlyMap<string, readonly AstNode[]>
}

const nothing: ClassMembers = { written: new Map(), read: new Map() }

/** Reads classes once each. */
export class Classes {
  readonly #known = new WeakMap<AstNode, ClassMembers>()

  /** The members of the class that a node is in. */
  around(node: AstNode): ClassMembers {
    let body: AstNode | null | undefined = node.parent
    while (body && body.type !== 'ClassBody') body = body.parent
    if (!body) return nothing
    const known = this.#known.get(body)
    if (known !== undefined) return known
    const members = readClass(body)
    this.#known.set(body, members)
    return members
  }

  readonly membersOf: MembersOf = (node) => this.around(node).written
}

function readClass(body: AstNode): ClassMembers {
  const written = new Map<string, AstNode[]>()
  const read = new Map<string, AstNode[]>()
  const add = (to: Map<string, AstNode[]>, name: string | null, node: AstNode): void => {
    if (name !== null) to.set(name, [...(to.get(name) ?? []), node])
  }
  const visit = (node: AstNode): void => {
    if (node.type === 'PropertyDefinition' && node.parent === body) {
      add(written, nameOf(nodeAt(node, 'key')), node)
    } else if (node.type === 'TSParameterProperty') {
      const parameter = nodeAt(node, 'parameter')
      const bare = parameter?.type === 'AssignmentPattern' ? nodeAt(parameter, 'left') : parameter
      if (bare !== null) add(written, nameOf(bare), bare)
    } else if (isOfThis(node)) {
      add(read, memberName(node), node)
      const { parent } = node
      const right = parent?.type === 'AssignmentExpression' ? nodeAt(parent, 'right') : null
      if (right !== null && right !== node) add(written, memberName(node), unwrapped(right))
    }
    for (const child of childrenOf(node)) if (child.type !== 'ClassBody') visit(child)
  }
  for (const member of nodesAt(body, 'body')) visit(member)
  return { written, read }
}

function isOfThis(node: AstNode): boolean {
  return node.type === 'MemberExpression' && nodeAt(node, 'object')?.type === 'ThisExpression'
}
