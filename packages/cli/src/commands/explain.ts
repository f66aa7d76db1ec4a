import { WatertightError, errorCodes } from 'watertight/errors'
import type { ErrorCode } from 'watertight/errors'
import { denialReasons } from 'watertight/explain'
import type { DenialReason } from 'watertight/explain'
import type { HazardKind } from 'watertight/plan'
import type { CommandEnvironment } from '../command-environment.js'
import { exitCodeByError, exitCodes } from '../exit-codes.js'
import type { ExitCode } from '../exit-codes.js'
import { didYouMean } from '../flags/closest-word.js'
import type { CommandInput } from '../flags/flag-table.js'
import { outputFlags } from '../flags/shared-flags.js'
import { writeJson } from '../report/json-output.js'
import type { Command } from './command.js'

type Flags = typeof outputFlags

/** What {@link explain} accepts. */
export type ExplainInput = CommandInput<Flags>

const hazards: Readonly<Record<HazardKind, string>> = {
  WIDENS_ACCESS: 'Somebody can read or write more than before.',
  NARROWS_ACCESS: 'Somebody can read or write less than before; informs, needs no consent.',
  DISABLES_RLS: 'Row Level Security is switched off for a table or no longer forced.',
  DROPS_POLICY: 'A policy that watertight did not make is removed.',
  GRANTS_BYPASS: 'A role can ignore every policy.',
  REWRITES_TABLE: 'The table is written anew under an ACCESS EXCLUSIVE lock.',
  BLOCKS_WRITES: 'Writes to the table wait meanwhile; informs, needs no consent.',
  DELETES_DATA: 'Rows or keys are deleted.',
  OPENS_WINDOW: 'For a moment the table is less protected than before and after.',
}

/**
 * Explains an error code, an exit code, a hazard, a rule or the reason of a denial. Needs no network.
 *
 * @throws USAGE for a code that there is not.
 */
export async function explain(input: ExplainInput, env: CommandEnvironment): Promise<ExitCode> {
  const code = input.operands?.[0] ?? ''
  const found = await lookUp(code)
  if (input.format === 'json')
    writeJson(env.out, { schema: 'watertight.explain/1', code, ...found })
  else env.out.lines(`${env.out.style.bold(code)} (${found.kind})`, `  ${found.text}`)
  return 0
}

/** The `explain` verb. */
export const command: Command<Flags> = {
  name: 'explain',
  summary: 'say what an error code, exit code, hazard or rule means',
  examples: [
    { line: 'watertight explain STALE_PLAN', does: 'An error code, with its exit code.' },
    { line: 'watertight explain rls-not-forced', does: 'A rule that `check` reports.' },
  ],
  operands: {
    usage: 'CODE',
    summary: 'For example CONSENT_REQUIRED, 3, WIDENS_ACCESS or policy-open.',
    least: 1,
    most: 1,
    words: knownCodes,
  },
  flags: outputFlags,
  exits: '0 explained, 64 there is no such code.',
  run: explain,
}

async function lookUp(code: string): Promise<{ readonly kind: string; readonly text: string }> {
  const upper = code.toUpperCase()
  if (isErrorCode(upper)) {
    return { kind: `error, exit code ${exitCodeByError[upper]}`, text: errorCodes[upper] }
  }
  if (Object.hasOwn(hazards, upper)) return { kind: 'hazard', text: hazards[upper as HazardKind] }
  const exit = Object.entries(exitCodes).find(([number]) => number === code)
  if (exit !== undefined) return { kind: 'exit code', text: exit[1] }
  if (Object.hasOwn(denialReasons, code)) {
    return { kind: 'reason of a denial', text: denialReasons[code as DenialReason] }
  }
  const { ruleTitles } = await import('@watertight/verifier')
  const title = ruleTitles.get(code)
  if (title !== undefined) return { kind: 'rule', text: title }
  const known = await knownCodes()
  throw new WatertightError('USAGE', `there is no code ${code}${didYouMean(code, known)}`, {
    object: code,
    hint: 'Codes are in error messages, in findings of `check`, and exit codes.',
  })
}

async function knownCodes(): Promise<readonly string[]> {
  const { ruleTitles } = await import('@watertight/verifier')
  return [
    ...Object.keys(errorCodes),
    ...Object.keys(hazards),
    ...Object.keys(denialReasons),
    ...ruleTitles.keys(),
  ]
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code)
}
