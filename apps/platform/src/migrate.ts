import { runMigrate } from './boot/run-migrate.js'
import { isProgram, runProgram } from './program/run-program.js'

if (isProgram(import.meta.url)) {
  await runProgram('migration', () =>
    runMigrate(process.argv.slice(2), process.env, (line) => {
      process.stdout.write(`${line}\n`)
    }),
  )
}
