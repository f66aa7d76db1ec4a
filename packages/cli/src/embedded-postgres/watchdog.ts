import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'

/**
 * `read` returns when the pipe from the owner closes, which happens even when the owner is killed
 * with SIGKILL. The pid file names the server only while that server runs, so a pid that was reused
 * meanwhile is not signalled. $1 pid, $2 data directory, $3 run directory.
 */
const script = `
trap '' INT TERM HUP
read -r _
is_running() { [ "$(head -n 1 "$2/postmaster.pid" 2>/dev/null)" = "$1" ] && kill -0 "$1" 2>/dev/null; }
is_running "$@" && kill -INT "$1"
waited=0
while is_running "$@" && [ "$waited" -lt 100 ]; do sleep 0.1; waited=$((waited + 1)); done
is_running "$@" && kill -QUIT "$1" && sleep 1
rm -rf -- "$3"
`

/**
 * Starts the tiny process that stops the server and removes its run directory when this process
 * dies, however it dies.
 *
 * @returns a function that ends the watchdog; call it once the server has stopped
 */
export function startWatchdog(pid: number, dataDir: string, runDirectory: string): () => void {
  const watchdog: ChildProcess = spawn(
    '/bin/sh',
    ['-c', script, 'watertight-watchdog', String(pid), dataDir, runDirectory],
    // A session of its own: Ctrl-C in the terminal must reach the owner only.
    { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/' },
  )
  watchdog.unref()
  // Neither the process nor its pipe keeps a program alive that forgot to stop its server.
  if (watchdog.stdin instanceof Socket) watchdog.stdin.unref()
  watchdog.on('error', () => undefined)
  return () => watchdog.kill('SIGKILL')
}
