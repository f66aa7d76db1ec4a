import assert from 'node:assert/strict'
import { WatertightError } from 'watertight/errors'
import { currentContext } from 'watertight/runtime'
import type { TenantContext, Transaction, TxManager } from 'watertight/runtime'
import { notes } from './runtime-harness.js'
import type { Command, Program, Way } from './transaction-programs.js'
import { Model } from './transaction-programs.js'

/** What a program is run with, on a server or on the scripted driver. */
export interface Dialect {
  readonly write: (id: string) => readonly [string, readonly unknown[]]
  readonly fail: string
  readonly conflict: string
  readonly read: string
}

/** Runs programs for real. */
export class Player {
  readonly #tx: TxManager
  readonly #context: TenantContext
  readonly #stranger: TenantContext
  readonly #dialect: Dialect
  readonly #name: string

  constructor(
    tx: TxManager,
    contexts: readonly [TenantContext, TenantContext],
    name: string,
    dialect: Dialect,
  ) {
    this.#tx = tx
    ;[this.#context, this.#stranger] = contexts
    this.#name = name
    this.#dialect = dialect
  }

  /** The code of the error that the transaction ended with; null when it succeeded. */
  async play({ commands: list, conflicts, attempts }: Program): Promise<string | null> {
    let attempt = 0
    const abort = new AbortController()
    try {
      await this.#tx.run(
        this.#context,
        async (handle) => {
          attempt += 1
          const model = new Model()
          await this.#all(list, model, [handle], abort)
          if (attempt <= conflicts) await handle.query(this.#dialect.conflict)
        },
        { retry: { attempts }, signal: abort.signal },
      )
      return null
    } catch (error) {
      if (error instanceof WatertightError) return error.code
      if (error instanceof Thrown) return 'THROWN'
      throw error
    }
  }

  async #all(
    list: readonly Command[],
    model: Model,
    handles: readonly Transaction[],
    abort: AbortController,
  ): Promise<void> {
    for (const command of list) await this.#one(command, model, handles, abort)
  }

  async #one(
    command: Command,
    model: Model,
    handles: readonly Transaction[],
    abort: AbortController,
  ): Promise<void> {
    const handle = handles.at(-1)
    if (handle === undefined) return
    switch (command.kind) {
      case 'write':
      case 'fail': {
        const [text, values] =
          command.kind === 'write' ? this.#write(model) : ([this.#dialect.fail, []] as const)
        const done = this.#by(command.way, handles)(text, values)
        if (command.end === 'await') await done
        if (command.end === 'catch') await done.catch(() => undefined)
        return
      }
      case 'batch': {
        const items = [this.#write(model), command.fails ? this.#dialect.fail : this.#write(model)]
        const done = handle.batch(items)
        await (command.caught ? done.catch(() => undefined) : done)
        return
      }
      case 'read':
        this.#own((await handle.query(this.#dialect.read)).rows)
        return
      case 'stream': {
        for await (const row of handle.stream(this.#dialect.read, [], { batchSize: 2 })) {
          this.#own([row])
        }
        return
      }
      case 'mismatch': {
        const strange = this.#tx.query(this.#stranger, this.#dialect.read)
        await assert.rejects(strange, { code: 'CONTEXT_MISMATCH' })
        return
      }
      case 'abort':
        abort.abort()
        return
      case 'throw':
        throw new Thrown()
      case 'nest': {
        const nested = this.#tx.run(this.#context, (inner) =>
          this.#all(command.commands, model, [...handles, inner], abort),
        )
        await (command.caught ? nested.catch(() => undefined) : nested)
      }
    }
  }

  /** No row of another tenant, not even for a moment. */
  #own(rows: readonly object[]): void {
    for (const row of rows) assert.equal(Reflect.get(row, 'tenant_id'), this.#context.tenantId)
  }

  #write(model: Model): readonly [string, readonly unknown[]] {
    return this.#dialect.write(`${this.#name}-${model.newId()}`)
  }

  #by(
    by: Way,
    handles: readonly Transaction[],
  ): (text: string, values: readonly unknown[]) => Promise<unknown> {
    return (text, values) => {
      if (by === 'manager') return this.#tx.query(this.#context, text, values)
      if (by === 'ambient') return this.#tx.query(currentContext(), text, values)
      const handle = by === 'outer' ? handles[0] : handles.at(-1)
      return handle?.query(text, values) ?? Promise.resolve()
    }
  }
}

class Thrown extends Error {}

/** On a server with the minimal kernel. */
export const sql: Dialect = {
  write: (id) => [notes.insert, [id]],
  fail: 'select 1 / 0',
  conflict: "do $$ begin raise exception 'x' using errcode = '40001'; end $$",
  read: notes.list,
}

/** On a scripted driver. */
export const scripted: Dialect = {
  write: (id) => [`write ${id}`, []],
  fail: 'fail 22012',
  conflict: 'fail 40001',
  read: 'read',
}
