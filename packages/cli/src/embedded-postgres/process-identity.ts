import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What tells a process from another one that got the same pid later. */
export interface ProcessIdentity {
  /** Opaque start time; equal for the same process only. */
  readonly startedAt: string
  /** The command line, arguments separated by blanks. */
  readonly commandLine: string
}

/** Looks a process up; undefined when no process has that pid. A zombie counts as gone. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  return process.platform === 'linux' ? identifyByProc(pid) : identifyByPs(pid)
}

async function identifyByProc(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const [stat, commandLine] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ])
    // The second field is the command in parentheses and may itself hold blanks and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state] = fields
    const startTicks = fields[19]
    if (state === 'Z' || state === 'X' || startTicks === undefined) return undefined
    return { startedAt: startTicks, commandLine: commandLine.replaceAll('\0', ' ').trim() }
  } catch {
    return undefined
  }
}

async function identifyByPs(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const env = { ...process.env, LC_ALL: 'C' }
    const { stdout } = await run('ps', ['-ww', '-o', 'lstart=,args=', '-p', String(pid)], { env })
    const match = /^\s*(\S+ +\S+ +\S+ +\S+ +\S+) +(.*)$/m.exec(stdout)
    if (match?.[1] === undefined || match[2] === undefined) return undefined
    return { startedAt: match[1], commandLine: match[2].trim() }
  } catch {
    return undefined
  }
}
