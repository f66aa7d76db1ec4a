import type { CheckResult } from '@watertight/verifier'
import { WatertightError } from 'watertight/errors'
import type { TenancyModel } from 'watertight/model'
import type { Queryable } from 'watertight/sql'
import { checkIsolation } from '../../boot/check-isolation.js'
import { endStalledRuns } from '../run-repository.js'
import {
  beginRun,
  failRun,
  finishRun,
  forgetDemoRuns,
  noteProgress,
  pruneRuns,
  readPolicies,
} from './checker-repository.js'
import type { RunProgress, TakenRun } from './checker-repository.js'
import { keptResult } from './kept-result.js'

/** Connections of a superuser. */
export interface CheckConnections {
  /** What is checked; one connection, whose transactions are rolled back. */
  readonly checked: Queryable
  /** Where the run is recorded, beside the transactions of the check. */
  readonly record: Queryable
}

/** Runs whose cells and reports are kept. */
const keptRuns = 20
/** Milliseconds between two reports of progress, and between signs of life. */
const [reportEvery, speakEvery] = [250, 5000]

/**
 * Does a run that was taken, says how far it is, and keeps its result.
 *
 * @returns null when the check failed, which the run says, or the run was given up meanwhile
 */
export async function runCheck(
  { checked, record }: CheckConnections,
  model: TenancyModel,
  { id, withAttacks }: TakenRun,
): Promise<CheckResult | null> {
  const reporter = new ProgressReporter(record, id)
  try {
    const result = await checkIsolation(checked, model, {
      live: withAttacks,
      onProgress: (progress) => reporter.note(progress),
    })
    await reporter.stop()
    const roles = [...new Set(result.coverage.map(({ role }) => role))]
    const kept = keptResult(result, await readPolicies(checked, roles), model)
    const isKept = await finishRun(record, id, kept)
    await forgetDemoRuns(record)
    await pruneRuns(record, keptRuns)
    return isKept ? result : null
  } catch (error) {
    await reporter.stop()
    await failRun(record, id, reasonOf(error))
    return null
  }
}

/** Does a run that nobody asked for; null also while another one is open. */
export async function recordCheck(
  connections: CheckConnections,
  model: TenancyModel,
  withAttacks = true,
): Promise<CheckResult | null> {
  await endStalledRuns(connections.record)
  const id = await beginRun(connections.record, withAttacks)
  return id === undefined ? null : runCheck(connections, model, { id, withAttacks })
}

/** SECURITY: a message of the server can hold values of rows, so only codes are kept. */
function reasonOf(error: unknown): string {
  if (!(error instanceof WatertightError)) {
    const state: unknown = Reflect.get(Object(error), 'code')
    return typeof state === 'string'
      ? `the check ended with ${state}`
      : 'the check ended unforeseen'
  }
  const { code, sqlState } = error
  return `the check ended with ${code}${sqlState === undefined ? '' : ` (SQLSTATE ${sqlState})`}`
}

/** Writes where a run stands, not more often than needed; a failure to write does not end the run. */
class ProgressReporter {
  readonly #record: Queryable
  readonly #runId: string
  readonly #timer: NodeJS.Timeout
  #progress: RunProgress = { stage: 'catalog', done: 0, total: 1, object: '' }
  #writtenAt = 0
  #writing: Promise<void> = Promise.resolve()

  constructor(record: Queryable, runId: string) {
    this.#record = record
    this.#runId = runId
    this.#timer = setInterval(() => this.#write(), speakEvery)
  }

  note(progress: RunProgress): void {
    const isNewStage = progress.stage !== this.#progress.stage
    this.#progress = progress
    if (isNewStage || Date.now() - this.#writtenAt >= reportEvery) this.#write()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#writing
  }

  #write(): void {
    this.#writtenAt = Date.now()
    const progress = this.#progress
    this.#writing = this.#writing.then(() =>
      noteProgress(this.#record, this.#runId, progress).catch(() => undefined),
    )
  }
}
