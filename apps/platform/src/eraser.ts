import { runEraser } from './eraser/run-eraser.js'
import { isProgram, runProgram } from './program/run-program.js'

if (isProgram(import.meta.url)) {
  await runProgram('eraser', () =>
    runEraser(process.env, (line) => {
      process.stdout.write(`${JSON.stringify(line)}\n`)
    }),
  )
}
