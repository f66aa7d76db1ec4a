import { isProgram, runProgram } from './program/run-program.js'
import { runServer } from './serve/run-server.js'

if (isProgram(import.meta.url)) {
  await runProgram('server', () => runServer(process.env))
  // oxlint-disable-next-line unicorn/no-process-exit -- what did not finish in time still runs, and would keep the process.
  if (process.exitCode !== undefined) process.exit()
}
