import type { AppliedPlan } from 'watertight/migrate'
import type { Plan, Step } from 'watertight/plan'
import type { CommandEnvironment } from '../command-environment.js'
import { loadConfig } from '../config/load-config.js'
import { connectionTarget } from '../connection/connection-target.js'
import { describeAddress, withConnection } from '../connection/open-connection.js'
import type { ExitCode } from '../exit-codes.js'
import type { CommandInput } from '../flags/flag-table.js'
import { configFlags, connectionFlags, outputFlags } from '../flags/shared-flags.js'
import { count } from '../report/count.js'
import { writeJson } from '../report/json-output.js'
import { printableLine } from '../terminal/printable.js'
import { urlOperand } from './command.js'
import type { Command } from './command.js'

type Flags = typeof configFlags & typeof connectionFlags & typeof outputFlags

const flags: Flags = { ...configFlags, ...connectionFlags, ...outputFlags }

/** What {@link status} accepts. */
export type StatusInput = CommandInput<Flags>

interface Status {
  readonly history: readonly AppliedPlan[]
  /** Pending steps that an applied plan had already taken: somebody undid them. */
  readonly drift: readonly Step[]
  /** The other pending steps: the declaration or the tables changed. */
  readonly pending: readonly Step[]
  /** The catalog is not what the last plan left, in any respect. */
  readonly hasChanged: boolean
  readonly plan: Plan
}

/**
 * Says whether the isolation layer is in place: applied plans, drift, pending changes, tables that
 * nobody declared. Changes nothing.
 *
 * @returns 0 in place, 1 drift, 2 changes pending.
 */
export async function status(input: StatusInput, env: CommandEnvironment): Promise<ExitCode> {
  const { model } = await loadConfig(input, env)
  const target = connectionTarget({ argument: input.operands?.[0], flag: input.url }, env.variables)
  const { makePlan, readHistory } = await import('watertight/migrate')
  return withConnection<ExitCode>(target, env, async ({ db, address }) => {
    const plan = await makePlan(db, model)
    const found = compare(plan, await readHistory(db))
    if (input.format === 'json') writeJson(env.out, statusDocument(found))
    else show(found, describeAddress(address), env)
    if (found.drift.length > 0) return 1
    return found.pending.length > 0 ? 2 : 0
  })
}

/** The `status` verb. */
export const command: Command<Flags> = {
  name: 'status',
  summary: 'say whether the isolation layer is in place, and what drifted',
  examples: [
    {
      line: 'watertight status postgres://migrator@localhost/acme',
      does: 'Applied plans, what drifted since, what is pending, tables nobody declared.',
    },
    {
      line: 'watertight status --format json',
      does: 'The same for a program; the exit code says 0 in place, 1 drift, 2 pending.',
    },
  ],
  operands: urlOperand,
  flags,
  exits: '0 in place, 1 drift or denied, 2 changes pending, 64 usage, 69 server, 130 interrupted.',
  run: status,
}

function compare(plan: Plan, history: readonly AppliedPlan[]): Status {
  const taken = new Set(history.flatMap((applied) => applied.plan.steps.map(({ id }) => id)))
  return {
    history,
    drift: plan.steps.filter(({ id }) => taken.has(id)),
    pending: plan.steps.filter(({ id }) => !taken.has(id)),
    hasChanged: history.length > 0 && history.at(-1)?.toHash !== plan.from.catalogHash,
    plan,
  }
}

function statusDocument({ history, drift, pending, hasChanged, plan }: Status): object {
  const brief = ({ id, summary }: Step): object => ({ id, summary })
  return {
    schema: 'watertight.status/1',
    applied: history.map(({ id, appliedAt, appliedBy, plan: { steps } }) => ({
      id,
      appliedAt,
      appliedBy,
      steps: steps.length,
    })),
    drift: drift.map(brief),
    pending: pending.map(brief),
    catalogChanged: hasChanged,
    notes: plan.notes,
  }
}

const shownSteps = 20

function show(found: Status, place: string, env: CommandEnvironment): void {
  const { out } = env
  const { style } = out
  const { history, drift, pending } = found
  for (const { id, appliedAt, appliedBy, plan } of history) {
    const when = appliedAt.toISOString().slice(0, 19).replace('T', ' ')
    const steps = count(plan.steps.length, 'step')
    out.lines(`applied plan ${id}: ${steps} by ${printableLine(appliedBy)} at ${when} UTC`)
  }
  if (history.length === 0) out.lines('no plan was ever applied here')
  if (found.hasChanged && drift.length === 0) {
    out.lines('the catalog changed since, which is why `rollback` needs --force')
  }
  list('drift', drift, style.red)
  list('pending', pending, style.yellow)
  for (const { object, message } of found.plan.notes) {
    out.lines(`${style.cyan('note')}: ${printableLine(object)} ${printableLine(message)}`)
  }
  if (drift.length > 0 || pending.length > 0) {
    out.lines(
      `${drift.length} drifted, ${pending.length} pending on ${place}; \`watertight plan\` shows them`,
    )
  } else out.lines(`${style.green(style.tick)} the isolation layer of ${place} is in place`)

  function list(title: string, steps: readonly Step[], paint: (text: string) => string): void {
    for (const { summary } of steps.slice(0, shownSteps)) {
      out.lines(`${paint(title)}: ${printableLine(summary)}`)
    }
    if (steps.length > shownSteps) out.lines(`${title}: and ${steps.length - shownSteps} more`)
  }
}
