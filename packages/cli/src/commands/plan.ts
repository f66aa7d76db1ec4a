import type { Hazard, Plan } from 'watertight/plan'
import type { CommandEnvironment } from '../command-environment.js'
import { loadConfig } from '../config/load-config.js'
import { includedGroups } from '../config/included-groups.js'
import { connectionTarget } from '../connection/connection-target.js'
import { describeAddress, withConnection } from '../connection/open-connection.js'
import type { ExitCode } from '../exit-codes.js'
import type { CommandInput } from '../flags/flag-table.js'
import { configFlags, connectionFlags, outputFlags } from '../flags/shared-flags.js'
import { count } from '../report/count.js'
import { writeJson } from '../report/json-output.js'
import {
  consentNames,
  hazardLines,
  hazardsOf,
  planSql,
  planSummary,
} from '../report/plan-summary.js'
import { writePlanFiles } from '../report/plan-files.js'
import { printableLine } from '../terminal/printable.js'
import { createProgress } from '../terminal/progress.js'
import { urlOperand } from './command.js'
import type { Command } from './command.js'

const ownFlags = {
  sql: { kind: 'switch', summary: 'Show every step with its hazards and SQL.' },
  out: {
    kind: 'text',
    value: 'DIR',
    summary: 'Write NNNN_watertight.up.sql, .down.sql and .plan.json into DIR.',
  },
  include: {
    kind: 'list',
    value: 'GROUP',
    summary: 'Plan an optional group too: composite-foreign-keys, tenant-unique-keys. Repeatable.',
  },
} as const

type Flags = typeof configFlags & typeof connectionFlags & typeof outputFlags & typeof ownFlags

const flags: Flags = { ...configFlags, ...connectionFlags, ...ownFlags, ...outputFlags }

/** What {@link plan} accepts. */
export type PlanInput = CommandInput<Flags>

/**
 * Prints what the isolation layer of a database lacks. Changes nothing.
 *
 * @returns 0 when nothing is pending, 2 when there is.
 * @throws WatertightError that `exitCodeByError` maps to the other exit codes
 */
export async function plan(input: PlanInput, env: CommandEnvironment): Promise<ExitCode> {
  const { model } = await loadConfig(input, env)
  const target = connectionTarget({ argument: input.operands?.[0], flag: input.url }, env.variables)
  const { makePlan, missingConsent } = await import('watertight/migrate')
  const progress = createProgress(env.err)
  const include = includedGroups(model.include, input.include ?? [])
  const { made, place } = await withConnection(target, env, async ({ db, address }) => {
    progress.step('reading the catalog')
    return { made: await makePlan(db, { ...model, include }), place: describeAddress(address) }
  }).finally(() => progress.end())

  const files = input.out === undefined ? [] : await writePlanFiles(made, env.cwd, input.out)
  const missing = missingConsent(hazardsOf(made), [])
  // With what it needs consent to; `apply --plan` reads it as well.
  const document = { ...made, needsConsent: consentNames(missing) }
  if (input.format === 'json') writeJson(env.out, document)
  else showPlan(made, missing, place, input.sql === true, env)
  for (const file of files) env.err.lines(`wrote ${file}`)
  return made.steps.length === 0 ? 0 : 2
}

/** The `plan` verb. */
export const command: Command<Flags> = {
  name: 'plan',
  summary: 'show what the isolation layer lacks, with hazards',
  examples: [
    {
      line: 'watertight plan postgres://migrator@localhost/acme',
      does: 'Counts of steps by object, and the hazards. Exit code 2 when changes are pending.',
    },
    {
      line: 'watertight plan --out migrations',
      does: 'Writes the SQL and its reverse, and the plan that `apply --plan` runs verbatim.',
    },
  ],
  operands: urlOperand,
  flags,
  exits: '0 nothing pending, 2 changes pending, 1 denied, 64 usage, 69 server, 130 interrupted.',
  run: plan,
}

function showPlan(
  made: Plan,
  missing: readonly Hazard[],
  place: string,
  withSql: boolean,
  env: CommandEnvironment,
): void {
  const { out } = env
  const { style } = out
  if (made.steps.length === 0) {
    out.lines(`${style.green(style.tick)} the isolation layer of ${place} is in place`)
  } else if (withSql) out.lines(...planSql(made.steps, style))
  else out.lines(...planSummary(made.steps, style), '')

  const hazards = hazardsOf(made)
  const shown = withSql ? [] : hazardLines(hazards, missing, style)
  if (shown.length > 0) out.lines('Hazards:', ...shown, '')
  for (const { object, message } of made.notes) {
    out.lines(`${style.cyan('note')}: ${printableLine(object)} ${printableLine(message)}`)
  }
  const groups = [...new Set(made.optional.flatMap(({ group }) => group ?? []))]
  for (const group of groups) {
    const steps = made.optional.filter((step) => step.group === group)
    out.lines(`${style.cyan('optional')}: ${count(steps.length, 'step')} with --include ${group}`)
  }
  if (made.steps.length === 0) return
  const consent = consentNames(missing).length
  const needed = consent === 0 ? '' : `, ${count(consent, 'hazard')} to allow`
  const look = withSql ? '' : '`watertight plan --sql` shows the SQL, '
  out.lines(
    `${count(made.steps.length, 'step')} pending on ${place}${needed}; ${look}\`watertight apply\` applies it`,
  )
}
