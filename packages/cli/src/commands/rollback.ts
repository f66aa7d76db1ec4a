import { WatertightError } from 'watertight/errors'
import type { CommandEnvironment } from '../command-environment.js'
import { connectionTarget } from '../connection/connection-target.js'
import { describeAddress, withConnection } from '../connection/open-connection.js'
import type { ExitCode } from '../exit-codes.js'
import type { CommandInput } from '../flags/flag-table.js'
import { connectionFlags, consentFlags, outputFlags } from '../flags/shared-flags.js'
import { count } from '../report/count.js'
import { writeJson } from '../report/json-output.js'
import { createProgress } from '../terminal/progress.js'
import { urlOperand } from './command.js'
import type { Command } from './command.js'
import { confirm, refuseUnknownHazards, refuseWithoutConsent } from './consent.js'

const ownFlags = {
  force: {
    kind: 'switch',
    summary: 'Roll back although the database changed since; gives no consent to hazards.',
  },
} as const

type Flags = typeof connectionFlags & typeof consentFlags & typeof outputFlags & typeof ownFlags

const flags: Flags = { ...connectionFlags, ...consentFlags, ...ownFlags, ...outputFlags }

/** What {@link rollback} accepts. */
export type RollbackInput = CommandInput<Flags>

/**
 * Undoes the plan that was applied last: one transaction, all or nothing.
 *
 * @returns 0 when it is undone.
 * @throws NOTHING_TO_ROLL_BACK, CONSENT_REQUIRED, STALE_PLAN, ...; nothing has changed then.
 */
export async function rollback(input: RollbackInput, env: CommandEnvironment): Promise<ExitCode> {
  await refuseUnknownHazards(input.allow)
  const target = connectionTarget({ argument: input.operands?.[0], flag: input.url }, env.variables)
  const { missingConsent, planRollback, rollbackPlan } = await import('watertight/migrate')
  return withConnection<ExitCode>(
    target,
    env,
    async ({ db, address, cancel }) => {
      const { applied, hazards, isUnchanged } = await planRollback(db)
      if (!isUnchanged && input.force !== true) {
        throw new WatertightError(
          'STALE_PLAN',
          `${address.database} changed since plan ${applied.id} was applied; nothing was changed`,
          {
            object: address.database,
            hint: 'See `watertight status`; --force rolls back all the same.',
          },
        )
      }
      refuseWithoutConsent(missingConsent(hazards, input.allow ?? []))
      const steps = applied.plan.steps.length
      const place = describeAddress(address)
      await confirm(`Undo ${count(steps, 'step')} of plan ${applied.id} on ${place}?`, input, env)
      const progress = createProgress(env.err)
      await rollbackPlan(db, {
        allow: input.allow ?? [],
        force: input.force === true,
        ...(input.lockTimeout !== undefined && { lockTimeoutMs: input.lockTimeout }),
        signal: env.signal,
        cancel,
        onStep: ({ summary }, index, total) => progress.step(`undo: ${summary}`, index, total),
      }).finally(() => progress.end())
      const { out } = env
      if (input.format === 'json') {
        writeJson(out, { schema: 'watertight.rollback/1', id: applied.id, steps })
      } else {
        const tick = out.style.green(out.style.tick)
        out.lines(`${tick} undid ${count(steps, 'step')} of plan ${applied.id} on ${place}`)
      }
      return 0
    },
    input.lockTimeout,
  )
}

/** The `rollback` verb. */
export const command: Command<Flags> = {
  name: 'rollback',
  summary: 'undo the plan that was applied last, all or nothing',
  examples: [
    {
      line: 'watertight rollback',
      does: 'Names the hazards of undoing the last plan and the flags that allow them.',
    },
    {
      line: 'watertight rollback --allow DISABLES_RLS --allow DROPS_POLICY --yes',
      does: 'Undoes it, with consent to two kinds of hazards on every object.',
    },
  ],
  operands: urlOperand,
  flags,
  exits:
    '0 undone, 1 denied, 4 refused (consent, drift, nothing to roll back), 64 usage, 69 server, 130 interrupted. Only 0 changes the database.',
  run: rollback,
}
