/** SQL text in parts, so that a failing case can be made smaller part by part. */
export interface Node {
  /** The type of the expression, or `query`. */
  readonly kind: string
  readonly parts: readonly (string | Node)[]
}

/** Makes a node of a kind from a template. */
export function node(
  kind: string,
): (texts: TemplateStringsArray, ...parts: readonly (string | Node)[]) => Node {
  return (texts, ...parts) => ({
    kind,
    parts: texts.flatMap((text, index) => {
      const part = parts[index]
      return part === undefined ? [text] : [text, part]
    }),
  })
}

export const bool: ReturnType<typeof node> = node('bool')

/** A node of plain text. */
export function leaf(kind: string, text: string): Node {
  return { kind, parts: [text] }
}

/** The text of a node. */
export function print({ parts }: Node): string {
  return parts.map((part) => (typeof part === 'string' ? part : print(part))).join('')
}

/** Every node that is smaller by one step: a part of its own kind in its place, or a constant. */
export function* smaller(whole: Node): Generator<Node> {
  if (whole.kind === 'bool') {
    for (const text of ['true', 'false']) if (print(whole) !== text) yield leaf('bool', text)
  }
  yield* ofKind(whole, whole.kind)
  for (const [index, part] of whole.parts.entries()) {
    if (typeof part === 'string') continue
    for (const less of smaller(part)) {
      yield { ...whole, parts: whole.parts.with(index, less) }
    }
  }
}

function* ofKind(whole: Node, kind: string): Generator<Node> {
  for (const part of whole.parts) {
    if (typeof part === 'string') continue
    if (part.kind === kind) yield part
    yield* ofKind(part, kind)
  }
}
