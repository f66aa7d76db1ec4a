import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Root directory of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Runs a program in the repository's root and resolves to its exit code. Signals are passed on, so
 * that the program can end in order.
 */
export function runProgram(command, args, { env = {}, stdio = 'inherit' } = {}) {
  const child = spawn(command, args, { cwd: root, stdio, env: { ...process.env, ...env } })
  const forward = (signal) => child.kill(signal)
  // Ctrl-C reaches the whole process group by itself; this process only has to outlive the child.
  const ignore = () => undefined
  process.on('SIGINT', ignore)
  process.on('SIGTERM', forward)
  process.on('SIGHUP', forward)
  return new Promise((resolve) => {
    const finish = (code) => {
      process.off('SIGINT', ignore)
      process.off('SIGTERM', forward)
      process.off('SIGHUP', forward)
      resolve(code)
    }
    child.once('error', (error) => {
      console.error(`${command} cannot be run: ${error.message}`)
      finish(127)
    })
    child.once('close', (code, signal) => finish(code ?? exitCodeOf(signal)))
  })
}

/** Runs a JavaScript file with this Node. */
export function runNode(file, args, options) {
  return runProgram(process.execPath, [file, ...args], options)
}

function exitCodeOf(signal) {
  const numbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }
  return 128 + (numbers[signal] ?? 0)
}
