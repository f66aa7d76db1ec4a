import { runProgram } from './run-program.js'
import { createScreen } from './terminal/screen.js'

const { argv, env: variables, stdin, stdout, stderr } = process

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // A second one ends the process at once; the server rolls back what is open.
    if (interruption.signal.aborted) process.exit(130)
    interruption.abort(new Error(`received ${signal}`))
  })
}

// The reader of a pipe may go away (`watertight plan | head`): that is no error of ours.
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

process.exitCode = await runProgram(argv.slice(2), {
  cwd: process.cwd(),
  variables,
  stdin,
  out: createScreen(stdout, variables),
  err: createScreen(stderr, variables),
  signal: interruption.signal,
})
