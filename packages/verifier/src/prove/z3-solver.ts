import type { Context, init } from 'z3-solver'
import type { Solver, SolverAnswer } from './solver.js'

type Z3Api = Awaited<ReturnType<typeof init>>

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
  /** Memory for one problem, in megabytes; 512 by default. */
  readonly memoryMb?: number
}

/** A solver that holds worker threads. */
export interface ClosableSolver extends Solver {
  /** Ends the solver's threads; without it the process does not exit. */
  close(): void
}

/** Loads Z3, which takes about half a second. */
export async function openZ3(options: Z3Options = {}): Promise<ClosableSolver> {
  const memory = options.memoryMb ?? 512
  let opened: Z3 | undefined = await load(memory)
  let last: Promise<unknown> = Promise.resolve()

  async function answer(smt: string): Promise<SolverAnswer> {
    opened ??= await load(memory)
    const z3 = opened
    try {
      const found = await decide(z3.context, smt, options)
      // What a problem leaves behind is freed when JavaScript collects garbage, or never.
      if (Number(z3.api.Z3.get_estimated_alloc_size()) > (memory / 2) * 2 ** 20) discard(z3)
      return found
    } catch (error) {
      discard(z3)
      throw error
    }
  }

  function discard(z3: Z3): void {
    endThreads(z3.api.em)
    if (opened === z3) opened = undefined
  }

  return {
    solve(smt) {
      // One context decides one problem at a time.
      const found = last.then(() => answer(smt))
      last = found.catch(() => undefined)
      return found
    },
    close: () => opened && discard(opened),
  }
}

interface Z3 {
  readonly api: Z3Api
  readonly context: Context<'watertight'>
}

async function load(memory: number): Promise<Z3> {
  const { init } = await import('z3-solver')
  const api = await init()
  // Past the first Z3 gives up on the problem, past the second it fails; past 2 GB it would end the
  // process.
  api.setParam('memory_high_watermark_mb', memory)
  api.setParam('memory_max_size', 2 * memory)
  return { api, context: api.Context('watertight') }
}

async function decide(
  context: Context<'watertight'>,
  smt: string,
  { steps = 1_000_000, timeoutMs = 20_000 }: Z3Options,
): Promise<SolverAnswer> {
  const solver = new context.Solver()
  try {
    solver.set('rlimit', steps)
    solver.fromString(smt)
    const status = await withinTime(timeoutMs, context, () => solver.check())
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
