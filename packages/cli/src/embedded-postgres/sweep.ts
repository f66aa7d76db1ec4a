import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { findRunningPostmaster } from './postmaster-pid-file.js'
import { identifyProcess } from './process-identity.js'
import { listRunDirectories, readRunOwner, removeRunDirectory, runName } from './run-directory.js'

const unfinishedGraceMs = 60_000

/**
 * Clears up after owners that died without stopping their server: ends the server and removes its
 * run directory. A server whose owner lives, and any process that is not provably a server of ours,
 * is left alone.
 *
 * @returns how many run directories were removed
 */
export async function sweepAbandonedRuns(runs: string): Promise<number> {
  const outcomes = await Promise.all((await listRunDirectories(runs)).map(sweepRun))
  return outcomes.filter(Boolean).length
}

async function sweepRun(path: string): Promise<boolean> {
  const owner = await readRunOwner(path)
  if (owner === undefined) {
    if (!(await isOlderThan(path, unfinishedGraceMs))) return false
    await removeRunDirectory(path)
    return true
  }
  const holder = await identifyProcess(owner.pid)
  if (holder?.startedAt === owner.startedAt) return false
  await stopPostmasterOf(owner.dataDir, runName(path))
  await removeRunDirectory(path)
  return true
}

/** Stops the server of an abandoned run, not one that a later run started on the same data. */
async function stopPostmasterOf(dataDir: string, clusterName: string): Promise<void> {
  // Manual, "Shutting Down the Server": SIGINT is the fast shutdown, SIGQUIT the immediate one.
  for (const [signal, patienceMs] of [['SIGINT', 5000] as const, ['SIGQUIT', 5000] as const]) {
    const deadline = Date.now() + patienceMs
    const running = await findRunningPostmaster(dataDir, clusterName)
    if (running === undefined) return
    try {
      process.kill(running.pid, signal)
    } catch {
      return
    }
    while (Date.now() < deadline) {
      if ((await findRunningPostmaster(dataDir, clusterName)) === undefined) return
      await sleep(20)
    }
  }
}

async function isOlderThan(path: string, ageMs: number): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > ageMs
  } catch {
    return false
  }
}
