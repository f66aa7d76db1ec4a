import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { WatertightError } from 'watertight/errors'
import type { AppliedPlan } from 'watertight/migrate'
import type { Plan } from 'watertight/plan'
import type { CommandEnvironment } from '../command-environment.js'
import { loadConfig } from '../config/load-config.js'
import { connectionTarget } from '../connection/connection-target.js'
import { describeAddress, withConnection } from '../connection/open-connection.js'
import type { Connection } from '../connection/open-connection.js'
import type { ExitCode } from '../exit-codes.js'
import type { CommandInput } from '../flags/flag-table.js'
import { configFlags, connectionFlags, consentFlags, outputFlags } from '../flags/shared-flags.js'
import { count } from '../report/count.js'
import { writeJson } from '../report/json-output.js'
import { hazardsOf } from '../report/plan-summary.js'
import { createProgress } from '../terminal/progress.js'
import { urlOperand } from './command.js'
import type { Command } from './command.js'
import { confirm, refuseUnknownHazards, refuseWithoutConsent } from './consent.js'

const ownFlags = {
  plan: {
    kind: 'text',
    value: 'FILE',
    summary: 'Apply this plan verbatim (from `plan --out` or `plan --format json`).',
  },
} as const

type Flags = typeof configFlags &
  typeof connectionFlags &
  typeof consentFlags &
  typeof outputFlags &
  typeof ownFlags

const flags: Flags = {
  ...configFlags,
  ...connectionFlags,
  ...consentFlags,
  ...ownFlags,
  ...outputFlags,
}

/** What {@link apply} accepts. */
export type ApplyInput = CommandInput<Flags>

/**
 * Applies what `plan` shows: one transaction, all or nothing.
 *
 * @returns 0 when the layer is in place now.
 * @throws CONSENT_REQUIRED, STALE_PLAN, FOREIGN_PLAN, INTERRUPTED, ...; nothing has changed then.
 */
export async function apply(input: ApplyInput, env: CommandEnvironment): Promise<ExitCode> {
  await refuseUnknownHazards(input.allow)
  const { makePlan, missingConsent } = await import('watertight/migrate')
  const given = input.plan === undefined ? null : await readPlan(resolve(env.cwd, input.plan))
  const config = given === null ? await loadConfig(input, env) : null
  const target = connectionTarget({ argument: input.operands?.[0], flag: input.url }, env.variables)
  return withConnection<ExitCode>(
    target,
    env,
    async (connection) => {
      const plan = given ?? (config && (await makePlan(connection.db, config.model)))
      if (plan === null || plan.steps.length === 0) {
        report(null, describeAddress(connection.address), input, env)
        return 0
      }
      const allow = input.allow ?? []
      refuseWithoutConsent(missingConsent(hazardsOf(plan), allow))
      const place = describeAddress(connection.address)
      await confirm(`Apply ${count(plan.steps.length, 'step')} to ${place}?`, input, env)
      const applied = await applyWithProgress(plan, connection, input, env)
      report(applied, place, input, env)
      if (config?.model.context.kind === 'signed') await remindOfKey(connection, env)
      return 0
    },
    input.lockTimeout,
  )
}

/** The `apply` verb. */
export const command: Command<Flags> = {
  name: 'apply',
  summary: 'put the isolation layer in place, all or nothing',
  examples: [
    {
      line: 'watertight apply --plan migrations/0001_watertight.plan.json',
      does: 'Runs that plan verbatim, on the database it was made for and only if it is unchanged.',
    },
    {
      line: 'watertight apply --allow WIDENS_ACCESS:evt.events --yes',
      does: 'Plans and applies, with consent to one hazard and no question.',
    },
  ],
  operands: urlOperand,
  flags,
  exits:
    '0 in place, 1 denied, 4 refused (consent, stale or foreign plan, lock), 64 usage, 69 server, 130 interrupted. Only 0 changes the database.',
  run: apply,
}

async function readPlan(path: string): Promise<Plan> {
  const { parsePlan } = await import('watertight/migrate')
  const text = await readFile(path, 'utf8')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new WatertightError('INVALID_INPUT', `${path} is not JSON`, {
      object: path,
      hint: 'Give the .plan.json file that `watertight plan --out DIR` wrote.',
      cause: error,
    })
  }
  return parsePlan(json)
}

async function applyWithProgress(
  plan: Plan,
  { db, cancel }: Connection,
  input: ApplyInput,
  env: CommandEnvironment,
): Promise<AppliedPlan> {
  const { applyPlan } = await import('watertight/migrate')
  const progress = createProgress(env.err)
  try {
    return await applyPlan(db, plan, {
      allow: input.allow ?? [],
      ...(input.lockTimeout !== undefined && { lockTimeoutMs: input.lockTimeout }),
      signal: env.signal,
      cancel,
      onStep: ({ summary }, index, total) => progress.step(summary, index, total),
    })
  } finally {
    progress.end()
  }
}

function report(
  applied: AppliedPlan | null,
  place: string,
  input: ApplyInput,
  env: CommandEnvironment,
): void {
  const { out } = env
  const steps = applied?.plan.steps.length ?? 0
  if (input.format === 'json') {
    const { id = null, appliedAt = null, appliedBy = null } = applied ?? {}
    writeJson(out, { schema: 'watertight.apply/1', id, appliedAt, appliedBy, steps })
    return
  }
  const tick = out.style.green(out.style.tick)
  if (applied === null) out.lines(`${tick} nothing to do: the layer of ${place} is in place`)
  else {
    out.lines(
      `${tick} applied ${count(steps, 'step')} to ${place} as plan ${applied.id}; \`watertight check\` checks it`,
    )
  }
}

async function remindOfKey({ db }: Connection, env: CommandEnvironment): Promise<void> {
  const { listSigningKeys } = await import('watertight/migrate')
  // The plan is applied: not being allowed to read the keys must not look like a failure.
  const keys = await listSigningKeys(db).catch(() => null)
  if (keys === null || keys.length > 0) return
  env.err.lines('note: there is no signing key yet, so every context is refused')
  env.err.lines('next: `watertight keys add` makes one')
}
