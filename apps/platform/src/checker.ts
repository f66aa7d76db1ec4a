import { readCheckerEnvironment, runChecker } from './isolation/checker/run-checker.js'
import { endingSignal } from './program/ending-signal.js'
import { isProgram, runProgram } from './program/run-program.js'

if (isProgram(import.meta.url)) {
  // Started by another program, it goes with that one.
  process.once('disconnect', () => process.exit())
  await runProgram('checker', () =>
    runChecker({
      ...readCheckerEnvironment(process.env),
      signal: endingSignal(),
      log: (line) => void process.stdout.write(`${JSON.stringify(line)}\n`),
    }),
  )
}
