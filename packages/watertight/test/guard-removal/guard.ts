/** A test that must fail without a guard. */
export interface GuardTest {
  /** Relative to `packages/watertight`. */
  readonly file: string
  /** As reporters print it: the titles of its groups and its own, with a blank between them. */
  readonly name: string
}

/** A few words of the sources without which an attack or a mistake succeeds. */
export interface Guard {
  /** What the guard does, as a sentence. */
  readonly name: string
  /** Relative to `packages/watertight`. */
  readonly file: string
  /** The text as it stands in the file, once. */
  readonly text: string
  /** What stands there without the guard. */
  readonly without: string
  /** Each of them must fail without the guard. */
  readonly noticedBy: readonly GuardTest[]
}

/** The tests of one file. */
export function testsIn(file: string, ...names: string[]): readonly GuardTest[] {
  return names.map((name) => ({ file, name }))
}

/**
 * A source without one of its guards.
 *
 * @throws Error unless the text of the guard stands in it exactly once.
 */
export function withoutGuard(source: string, { name, text, without }: Guard): string {
  const [before, after, ...others] = source.split(text)
  if (before === undefined || after === undefined || others.length > 0) {
    throw new Error(`The text of the guard "${name}" must stand in its file exactly once.`)
  }
  return `${before}${without}${after}`
}
