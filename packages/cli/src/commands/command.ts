import type { CommandEnvironment } from '../command-environment.js'
import type { ExitCode } from '../exit-codes.js'
import type { CommandInput, FlagTable } from '../flags/flag-table.js'

/** A verb of the command line: a flag table and what runs. */
export interface Command<Flags extends FlagTable = FlagTable> {
  readonly name: string
  /** One line, without a full stop. */
  readonly summary: string
  readonly examples: readonly [CommandExample, CommandExample]
  readonly operands: Operands
  readonly flags: Flags
  /** What its exit codes mean, for help and docs. */
  readonly exits: string
  run(input: CommandInput<Flags>, env: CommandEnvironment): Promise<ExitCode>
}

/** A command line and what it does. */
export interface CommandExample {
  readonly line: string
  readonly does: string
}

/** The arguments that are no flags. */
export interface Operands {
  /** As in the usage line: `[URL]`. */
  readonly usage: string
  readonly summary: string
  readonly least: number
  readonly most: number
  /** All that can stand there, where that is known. */
  words?(): readonly string[] | Promise<readonly string[]>
}

/** A command without operands. */
export const noOperands: Operands = { usage: '', summary: '', least: 0, most: 0 }

/** The optional URL of a database. */
export const urlOperand: Operands = {
  usage: '[URL]',
  summary: 'Database to connect to, for example postgres://migrator@localhost/acme.',
  least: 0,
  most: 1,
}
