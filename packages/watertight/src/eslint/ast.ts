/** A node of an ESTree, as far as this plugin looks at one: the parsers' own types differ. */
export interface AstNode {
  readonly type: string
  readonly parent?: AstNode | null
}

/** A field of a node, whatever it holds. */
export function fieldOf(node: AstNode, field: string): unknown {
  return (node as AstNode & Readonly<Record<string, unknown>>)[field]
}

function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && 'type' in value
}

/** The node in a field, or null. */
export function nodeAt(node: AstNode | null, field: string): AstNode | null {
  const value = node === null ? null : fieldOf(node, field)
  return isNode(value) ? value : null
}

/** The nodes in a field that holds a list; holes are left out. */
export function nodesAt(node: AstNode | null, field: string): readonly AstNode[] {
  const value = node === null ? null : fieldOf(node, field)
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** The text in a field, or null. */
export function textAt(node: AstNode | null, field: string): string | null {
  const value = node === null ? null : fieldOf(node, field)
  return typeof value === 'string' ? value : null
}

/** Every child node; `parent` is not one. */
export function childrenOf(node: AstNode): readonly AstNode[] {
  const found: AstNode[] = []
  for (const [field, value] of Object.entries(node)) {
    if (field === 'parent') continue
    if (Array.isArray(value)) found.push(...value.filter(isNode))
    else if (isNode(value)) found.push(value)
  }
  return found
}

const wrappers = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
  'ParenthesizedExpression',
  'ChainExpression',
])

/** The expression inside of casts, and of `await`. */
export function unwrapped(node: AstNode): AstNode {
  if (wrappers.has(node.type)) {
    const inner = nodeAt(node, 'expression')
    return inner === null ? node : unwrapped(inner)
  }
  if (node.type === 'AwaitExpression') {
    const inner = nodeAt(node, 'argument')
    return inner === null ? node : unwrapped(inner)
  }
  return node
}

/** The outermost cast or `await` around an expression, or the expression. */
export function wrapped(node: AstNode): AstNode {
  const { parent } = node
  if (!parent) return node
  if (wrappers.has(parent.type) || parent.type === 'AwaitExpression') return wrapped(parent)
  return node
}

/** The text of a string literal or of a template without parts. */
export function stringOf(node: AstNode | null): string | null {
  if (node?.type === 'Literal') return textAt(node, 'value')
  if (node?.type !== 'TemplateLiteral' || nodesAt(node, 'expressions').length > 0) return null
  const [quasi] = nodesAt(node, 'quasis')
  const value = quasi === undefined ? null : fieldOf(quasi, 'value')
  if (typeof value !== 'object' || value === null || !('cooked' in value)) return null
  return typeof value.cooked === 'string' ? value.cooked : null
}

/** The name of a property key or of an imported or exported name. */
export function nameOf(node: AstNode | null): string | null {
  if (node === null) return null
  if (node.type === 'Identifier') return textAt(node, 'name')
  if (node.type === 'PrivateIdentifier') return `#${textAt(node, 'name') ?? ''}`
  return stringOf(node)
}

const functions = new Set(['ArrowFunctionExpression', 'FunctionExpression', 'FunctionDeclaration'])

/** Whether a node is a function of any form. */
export function isFunction(node: AstNode): boolean {
  return functions.has(node.type)
}
