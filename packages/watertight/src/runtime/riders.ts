import { ident, sql } from '../sql/index.js'
import type { Statement } from './driver.js'

/** A savepoint that rides with the next statement, and whether the server has it. */
export interface Savepoint {
  readonly name: string
  set: boolean
}

interface Rider {
  readonly statement: Statement
  readonly savepoint: Savepoint | null
  /** Pointless once the transaction has failed, and then left out. */
  readonly tidying: boolean
}

/** A statement without values. */
export function command(text: string): Statement {
  return { text, values: [] }
}

/** Statements that need no answer of their own and wait for the next one that does. */
export class Riders {
  #waiting: readonly Rider[] = []
  #savepoints = 0
  #cursors = 0

  /** What rides now. */
  boarding(failed: boolean): readonly Rider[] {
    if (failed) this.#waiting = this.#waiting.filter(({ tidying }) => !tidying)
    return this.#waiting
  }

  /** Takes the riders that the server executed off the list. */
  landed(executed: readonly Rider[]): void {
    if (executed.length === 0) return
    for (const { savepoint } of executed) if (savepoint !== null) savepoint.set = true
    this.#waiting = this.#waiting.filter((rider) => !executed.includes(rider))
  }

  newSavepoint(): Savepoint {
    this.#savepoints += 1
    return { name: `watertight_${this.#savepoints}`, set: false }
  }

  savepoint(savepoint: Savepoint): void {
    this.#add(setSavepoint(savepoint), savepoint)
  }

  releaseSavepoint(savepoint: Savepoint): void {
    if (!this.forget(savepoint)) this.#add(dropSavepoint(savepoint), null)
  }

  newCursor(): string {
    this.#cursors += 1
    return `watertight_cursor_${this.#cursors}`
  }

  /** Closes a cursor that is not needed any more. */
  close(cursor: string): void {
    this.#add(command(sql`close ${ident(cursor)}`.text), null, true)
  }

  /** True when the savepoint never reached the server: then there is nothing to undo or keep. */
  forget(savepoint: Savepoint): boolean {
    if (savepoint.set) return false
    this.#waiting = this.#waiting.filter((rider) => rider.savepoint !== savepoint)
    return true
  }

  /** What waits is about savepoints inside the one rolled back to, which go with it. */
  clear(): void {
    this.#waiting = []
  }

  #add(statement: Statement, savepoint: Savepoint | null, tidying = false): void {
    this.#waiting = [...this.#waiting, { statement, savepoint, tidying }]
  }
}

export function setSavepoint({ name }: Savepoint): Statement {
  return command(sql`savepoint ${ident(name)}`.text)
}

export function dropSavepoint({ name }: Savepoint): Statement {
  return command(sql`release savepoint ${ident(name)}`.text)
}

export function rollbackToSavepoint({ name }: Savepoint): Statement {
  return command(sql`rollback to savepoint ${ident(name)}`.text)
}
