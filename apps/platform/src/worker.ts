import { isProgram, runProgram } from './program/run-program.js'
import { runWorkerProcess } from './workers/worker-process.js'

export { startWorkers } from './workers/start-workers.js'
export type { RunningWorkers, WorkerOptions } from './workers/start-workers.js'

// Imported, it is a library; as the program of a process, it is a worker.
if (isProgram(import.meta.url)) {
  await runProgram('worker', () =>
    runWorkerProcess(process.env, (line) => {
      process.stdout.write(`${JSON.stringify(line)}\n`)
    }),
  )
}
