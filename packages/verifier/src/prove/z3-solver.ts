import type * as Z3Package from 'z3-solver'
import type { Z3_context, Z3_model } from 'z3-solver'
import type { Solver, SolverAnswer } from './solver.js'

type Z3Api = Awaited<ReturnType<typeof Z3Package.init>>

/** An instance of Z3, and the numbers by which its C API names things. */
interface OpenedZ3 extends Z3Api {
  readonly module: typeof Z3Package
}

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
  let opened: OpenedZ3 | undefined = await load(memory)
  let last: Promise<unknown> = Promise.resolve()

  async function answer(smt: string): Promise<SolverAnswer> {
    opened ??= await load(memory)
    const z3 = opened
    try {
      const found = await decide(z3, smt, options)
      if (Number(z3.Z3.get_estimated_alloc_size()) > (memory / 2) * 2 ** 20) discard(z3)
      return found
    } catch (error) {
      discard(z3)
      throw error
    }
  }

  function discard(z3: OpenedZ3): void {
    endThreads(z3.em)
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

async function load(memory: number): Promise<OpenedZ3> {
  const module = await import('z3-solver')
  const api = await module.init()
  // Past the first Z3 gives up on the problem, past the second it fails; past 2 GB it would end the
  // process.
  api.setParam('memory_high_watermark_mb', memory)
  api.setParam('memory_max_size', 2 * memory)
  return { ...api, module }
}

/**
 * Decides one problem in a context of its own, so that no answer depends on what was asked before.
 *
 * The calls are those of Z3's C API. The objects of the package's own API would be released whenever
 * JavaScript collects garbage, also while a thread of Z3 works in their context, which no two threads
 * may: the process then spins for ever. After an error nothing is released, since a thread that died
 * may hold the lock of the allocator: the whole instance is given up.
 */
async function decide(
  z3: OpenedZ3,
  smt: string,
  { steps = 1_000_000, timeoutMs = 20_000 }: Z3Options,
): Promise<SolverAnswer> {
  const { Z3 } = z3
  const { Z3_lbool } = z3.module
  const context = newContext(z3)
  const solver = Z3.mk_solver(context)
  Z3.solver_inc_ref(context, solver)
  const limits = Z3.mk_params(context)
  Z3.params_inc_ref(context, limits)
  Z3.params_set_uint(context, limits, Z3.mk_string_symbol(context, 'rlimit'), steps)
  Z3.solver_set_params(context, solver, limits)
  Z3.params_dec_ref(context, limits)
  Z3.solver_from_string(context, solver, smt)
  throwFailure(z3, context)
  const interrupt = (): void => Z3.interrupt(context)
  const decided = await withinTime(timeoutMs, interrupt, () => Z3.solver_check(context, solver))
  throwFailure(z3, context)
  const answer: SolverAnswer =
    decided === Z3_lbool.Z3_L_FALSE
      ? { status: 'unsat' }
      : decided === Z3_lbool.Z3_L_TRUE
        ? { status: 'sat', values: valuesOf(z3, context, Z3.solver_get_model(context, solver)) }
        : {
            status: 'unknown',
            reason: whyUnknown(Z3.solver_get_reason_unknown(context, solver)),
          }
  throwFailure(z3, context)
  Z3.solver_dec_ref(context, solver)
  Z3.del_context(context)
  return answer
}

function newContext({ Z3, module }: OpenedZ3): Z3_context {
  const config = Z3.mk_config()
  const context = Z3.mk_context(config)
  Z3.del_config(config)
  Z3.set_ast_print_mode(context, module.Z3_ast_print_mode.Z3_PRINT_SMTLIB2_COMPLIANT)
  return context
}

/** The values of constants in a model, by name, as SMT-LIB writes them. */
function valuesOf(
  { Z3 }: OpenedZ3,
  context: Z3_context,
  model: Z3_model,
): Readonly<Record<string, string>> {
  Z3.model_inc_ref(context, model)
  const values: Record<string, string> = {}
  for (let index = 0; index < Z3.model_get_num_consts(context, model); index += 1) {
    const declaration = Z3.model_get_const_decl(context, model, index)
    const name = Z3.get_symbol_string(context, Z3.get_decl_name(context, declaration))
    const value = Z3.model_eval(context, model, Z3.mk_app(context, declaration, []), true)
    if (value !== null) values[name] = Z3.ast_to_string(context, value)
  }
  Z3.model_dec_ref(context, model)
  return values
}

function throwFailure({ Z3, module }: OpenedZ3, context: Z3_context): void {
  const code = Z3.get_error_code(context)
  if (code !== module.Z3_error_code.Z3_OK) throw new Error(Z3.get_error_msg(context, code))
}

/** On the wall, this many times the processor time: then something else is wrong than a busy machine. */
const patience = 10

/** Interrupts what has used its processor time; the clock on the wall would count the work of others. */
async function withinTime<T>(
  milliseconds: number,
  interrupt: () => void,
  work: () => Promise<T>,
): Promise<T> {
  const start = process.cpuUsage()
  const end = performance.now() + patience * milliseconds
  const watch = setInterval(() => {
    const { user, system } = process.cpuUsage(start)
    if ((user + system) / 1000 > milliseconds || performance.now() > end) interrupt()
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
