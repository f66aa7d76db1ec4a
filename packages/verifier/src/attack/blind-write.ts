import { sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Probe } from './attack.js'
import { missingRows } from './samples.js'
import type { ContextSettings, StepResult } from './session.js'

/** What a statement without WHERE did. */
export interface BlindResult {
  readonly step: StepResult
  /** Rows of the attacker and of the victim that it touched, of those sampled. */
  readonly own: number
  readonly foreign: number
  /** A foreign key refused it; with foreign keys off it does this. */
  readonly pastForeignKeys: boolean
}

/**
 * Runs a statement without WHERE or RETURNING as the role, so that SELECT policies do not hide what
 * UPDATE or DELETE policies leave open, and looks as the connected role at what it touched.
 * `observe` is called before it is undone.
 */
export async function blindWrite(
  probe: Probe,
  settings: ContextSettings,
  statement: Sql,
  values: readonly unknown[] = [],
  observe: () => Promise<void> = () => Promise.resolve(),
): Promise<BlindResult> {
  const plain = await attempt(probe, settings, statement, values, observe, false)
  const refusedByKey = !plain.step.ok && plain.step.sqlState === '23503'
  if (!refusedByKey || !probe.isSuperuser) return plain
  return attempt(probe, settings, statement, values, observe, true)
}

function attempt(
  probe: Probe,
  settings: ContextSettings,
  statement: Sql,
  values: readonly unknown[],
  observe: () => Promise<void>,
  pastForeignKeys: boolean,
): Promise<BlindResult> {
  const { session, target } = probe
  return session.attempt(async () => {
    if (pastForeignKeys) await session.admin(sql`set local session_replication_role = replica`)
    const step = await session.as(probe.role, settings, statement, values)
    if (!step.ok) return { step, own: 0, foreign: 0, pastForeignKeys }
    const foreign = await missingRows(session, target, probe.foreignRows)
    const own = await missingRows(session, target, probe.ownRows)
    await observe()
    return { step, own, foreign, pastForeignKeys }
  })
}

/** Says that a foreign key would have refused this very statement. */
export function keyNote(result: BlindResult): string {
  return result.pastForeignKeys ? ' (the policies admit it; only a foreign key refuses it)' : ''
}
