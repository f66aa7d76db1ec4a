import fc from 'fast-check'

/** How a statement finds its transaction. */
export type Way = 'handle' | 'outer' | 'manager' | 'ambient'

/** One command of a transaction. What is forgotten is not awaited; what is caught goes on. */
export type Command =
  | {
      readonly kind: 'write' | 'fail'
      readonly way: Way
      readonly end: 'await' | 'catch' | 'forget'
    }
  | { readonly kind: 'batch'; readonly fails: boolean; readonly caught: boolean }
  | { readonly kind: 'read' | 'stream' | 'mismatch' | 'abort' | 'throw' }
  | { readonly kind: 'nest'; readonly commands: readonly Command[]; readonly caught: boolean }

/** One transaction of one tenant: how often it loses to another one before it may pass. */
export interface Program {
  readonly commands: readonly Command[]
  readonly conflicts: number
  readonly attempts: number
}

const way = fc.constantFrom<Way>('handle', 'outer', 'manager', 'ambient')
const caught = fc.boolean()

const { commands } = fc.letrec<{ commands: Command[]; command: Command }>((tie) => ({
  command: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('write' as const),
        way,
        end: fc.constantFrom('await', 'await', 'catch', 'forget'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('fail' as const),
        way,
        end: fc.constantFrom('await', 'catch', 'forget'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('batch' as const), fails: fc.boolean(), caught }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constantFrom('read', 'read', 'stream', 'mismatch', 'abort', 'throw'),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('nest' as const),
        commands: tie('commands'),
        caught,
      }),
    },
  ) as fc.Arbitrary<Command>,
  commands: fc.array(tie('command'), { maxLength: 5 }),
}))

/** Any transaction of one tenant. */
export const program: fc.Arbitrary<Program> = fc.record({
  commands,
  conflicts: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 3 })),
  attempts: fc.integer({ min: 1, max: 3 }),
})

/** What a transaction should have done, told by a model that knows nothing of how it is done. */
export class Model {
  /** Ids in the order of their writes, of what is not undone. */
  writes: number[] = []
  failed = false
  aborted = false
  #next = 0

  newId(): number {
    this.#next += 1
    return this.#next
  }

  /** Runs commands in a scope; true when it ends well, and false with its writes undone. */
  scope(list: readonly Command[]): boolean {
    const before = [...this.writes]
    const failedBefore = this.failed
    const endedWell = this.#commands(list)
    if (endedWell && !this.aborted) return true
    this.writes = before
    // A savepoint set in a failed transaction is none: nothing revives it.
    if (!this.aborted) this.failed = failedBefore
    return false
  }

  #commands(list: readonly Command[]): boolean {
    let fine = true
    for (const command of list) {
      const ended = this.#command(command)
      if (ended === 'leaves') return false
      if (ended === 'fails') fine = false
    }
    return fine
  }

  /** `leaves`: the function throws. `fails`: it goes on, and cannot end well any more. */
  #command(command: Command): 'passes' | 'fails' | 'leaves' {
    switch (command.kind) {
      case 'write':
      case 'fail': {
        const id = command.kind === 'write' ? this.newId() : null
        if (this.#statement([id])) return 'passes'
        return command.end === 'await' ? 'leaves' : 'fails'
      }
      case 'batch': {
        const ids = [this.newId(), command.fails ? null : this.newId()]
        if (this.#statement(ids)) return 'passes'
        return command.caught ? 'fails' : 'leaves'
      }
      case 'read':
      case 'stream':
        return this.#statement([]) ? 'passes' : 'leaves'
      case 'mismatch':
        return 'passes'
      case 'abort':
        this.aborted = true
        return 'passes'
      case 'throw':
        return 'leaves'
      case 'nest':
        if (this.scope(command.commands)) return 'passes'
        return command.caught ? 'passes' : 'leaves'
    }
  }

  /** One flight of statements; null stands for one that the server rejects. */
  #statement(ids: readonly (number | null)[]): boolean {
    if (this.aborted || this.failed) return false
    const writes = ids.filter((id) => id !== null)
    this.failed = writes.length < ids.length
    this.writes.push(...writes)
    return !this.failed
  }
}

/** The ids that a program commits, or null when it must not succeed. */
export function expectedOf({
  commands: list,
  conflicts,
  attempts,
}: Program): readonly number[] | null {
  for (let attempt = 1; ; attempt += 1) {
    const model = new Model()
    const ended = model.scope(list)
    if (!ended || model.aborted) return null
    if (attempt > conflicts) return model.writes
    if (attempt >= attempts) return null
  }
}
