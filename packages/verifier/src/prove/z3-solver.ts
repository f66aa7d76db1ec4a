import type { Solver, SolverAnswer } from './solver.js'

export interface Z3Options {
  /**
   * Processor time of this process for one problem, in milliseconds; 20,000 by default. A busy machine
   * takes longer for it and answers the same.
   */
  readonly timeoutMs?: number
  /**
   * Work for one problem in Z3's own steps, 1,000,000 by default: a second or a few on an idle core, and
   * the same answer on a busy one.
   */
  readonly steps?: number
}

/** A solver that holds worker threads. */
export interface ClosableSolver extends Solver {
  /** Ends the solver's threads; without it the process does not exit. */
  close(): void
}

/** Loads Z3, which takes about half a second, and starts one context. */
export async function openZ3(options: Z3Options = {}): Promise<ClosableSolver> {
  const { init } = await import('z3-solver')
  const api = await init()
  // Past this Z3 gives up on the problem; past the 2 GB of its memory it would end the process.
  api.setParam('memory_high_watermark_mb', 512)
  const context = api.Context('watertight')
  let last: Promise<unknown> = Promise.resolve()

  async function decide(smt: string): Promise<SolverAnswer> {
    const solver = new context.Solver()
    try {
      solver.set('rlimit', options.steps ?? 1_000_000)
      solver.fromString(smt)
      const status = await withinTime(options.timeoutMs ?? 20_000, context, () => solver.check())
      if (status === 'unsat') return { status }
      if (status === 'unknown') return { status, reason: whyUnknown(solver.reasonUnknown()) }
      const model = solver.model()
      const values: Record<string, string> = {}
      for (const declaration of model.decls()) {
        if (declaration.arity() > 0) continue
        values[String(declaration.name())] = model.eval(declaration.call(), true).sexpr()
      }
      return { status, values }
    } finally {
      solver.release()
    }
  }

  return {
    solve(smt) {
      // One context decides one problem at a time.
      const answer = last.then(() => decide(smt))
      last = answer.catch(() => undefined)
      return answer
    },
    close: () => endThreads(api.em),
  }
}

/** On the wall, this many times the processor time: then something else is wrong than a busy machine. */
const patience = 10

/** Interrupts what has used its processor time; the clock on the wall would count the work of others. */
async function withinTime<T>(
  milliseconds: number,
  context: { interrupt(): void },
  work: () => Promise<T>,
): Promise<T> {
  const start = process.cpuUsage()
  const end = performance.now() + patience * milliseconds
  const watch = setInterval(() => {
    const { user, system } = process.cpuUsage(start)
    if ((user + system) / 1000 > milliseconds || performance.now() > end) context.interrupt()
  }, 50)
  try {
    return await work()
  } finally {
    clearInterval(watch)
  }
}

/** Z3 says `canceled` when the limit of steps is reached. */
function whyUnknown(reason: string): string {
  return reason === 'canceled' ? 'it reached its limit of steps' : reason
}

/** The package's own way waits for threads that it never counts down, then fails. */
function endThreads(module: unknown): void {
  const threads = isRecord(module) ? module['PThread'] : undefined
  const end = isRecord(threads) ? threads['terminateAllThreads'] : undefined
  if (typeof end === 'function') Reflect.apply(end, threads, [])
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
