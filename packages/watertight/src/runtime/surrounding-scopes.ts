import { AsyncLocalStorage } from 'node:async_hooks'
import type { TransactionScope } from './transaction-scope.js'

/** The innermost scope of one manager that a call is in; null outside of any. */
interface Surrounding {
  readonly manager: object
  readonly scope: TransactionScope | null
  /** Of other managers. */
  readonly others: Surrounding | undefined
}

/*
 * One storage for all managers. Node tells every storage that was ever entered of each asynchronous
 * step and keeps it for good (`lib/async_hooks.js`), so one for each manager would slow a process down
 * that makes many of them, such as a run of tests, and would never be freed.
 */
const surroundings = new AsyncLocalStorage<Surrounding | undefined>()

/** The innermost scope of the manager that the call is in, open or not. */
export function scopeAround(manager: object): TransactionScope | null {
  let each = surroundings.getStore()
  while (each !== undefined && each.manager !== manager) each = each.others
  return each?.scope ?? null
}

/** Runs `fn` inside of a scope of the manager, or of none; scopes of other managers stay around it. */
export function runAround<Result>(
  manager: object,
  scope: TransactionScope | null,
  fn: () => Result,
): Result {
  const others = without(manager, surroundings.getStore())
  return surroundings.run({ manager, scope, others }, fn)
}

function without(manager: object, all: Surrounding | undefined): Surrounding | undefined {
  if (all === undefined) return undefined
  if (all.manager === manager) return all.others
  const others = without(manager, all.others)
  return others === all.others ? all : { ...all, others }
}
