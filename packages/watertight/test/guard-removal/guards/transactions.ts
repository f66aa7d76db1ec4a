import type { Guard } from '../guard.js'
import { testsIn } from '../guard.js'

const runtime = 'src/runtime'
const run = `${runtime}/tx-manager-run.test.ts`
const defects = `${runtime}/known-defects.test.ts`

/** What belongs to a transaction, and how it ends. */
export const transactionGuards: readonly Guard[] = [
  {
    name: 'statements that nobody awaited are awaited before the commit',
    file: `${runtime}/transaction-scope.ts`,
    text: 'while (this.#pending.size > 0) await Promise.allSettled(this.#pending)',
    without: '',
    noticedBy: [
      ...testsIn(run, 'run awaits forgotten statements before it commits'),
      ...testsIn(
        defects,
        'an un-awaited query returned from the callback runs outside the context',
      ),
    ],
  },
  {
    name: 'a thenable that the function returns is settled inside',
    file: `${runtime}/transaction-scope.ts`,
    text: "end = { kind: 'returned', value: await fn() }",
    without: "end = { kind: 'returned', value: fn() as never }",
    noticedBy: testsIn(
      run,
      'run settles a lazy thenable, as query builders are, inside the transaction',
    ),
  },
  {
    name: 'a handle dies with its transaction',
    file: `${runtime}/transaction-scope.ts`,
    text: 'if (!this.#open) return Promise.reject(closed())\n    // A statement beside',
    without: '// A statement beside',
    noticedBy: testsIn(run, 'run closes its handle, and a nested one before the outer'),
  },
  {
    name: 'a failure that the function swallowed is not committed over',
    file: `${runtime}/transaction-scope.ts`,
    text: "return { kind: late ? 'threw' : 'swallowed', error }",
    without: 'return error === end ? { kind: "threw", error } : end',
    noticedBy: testsIn(run, 'run does not pretend to have committed when fn swallowed a failure'),
  },
  {
    name: 'statements beside a nested run wait for its end',
    file: `${runtime}/transaction-scope.ts`,
    text: 'this.#nesting === 0 ? task() : this.#nested.then(task)',
    without: 'task()',
    noticedBy: testsIn(run, 'nested run holds back what is asked for beside it until it has ended'),
  },
  {
    name: 'nested runs take turns',
    file: `${runtime}/transaction-scope.ts`,
    text: 'this.#nested.then(task).finally',
    without: 'task().finally',
    noticedBy: testsIn(run, 'nested run takes turns with its siblings'),
  },
  {
    name: 'a savepoint is set after the statements that were asked for before it',
    file: `${runtime}/server-transaction.ts`,
    text: 'this.#whenReached(() => this.riders.savepoint(savepoint))',
    without: 'this.riders.savepoint(savepoint)',
    noticedBy: testsIn(run, 'nested run undoes nothing but its own when others run beside it'),
  },
  {
    name: 'an abort before the COMMIT rolls back',
    file: `${runtime}/transaction-runner.ts`,
    text: 'if (signal?.aborted === true) {\n        await server.rollback()',
    without: 'if (signal === null) {\n        await server.rollback()',
    noticedBy: testsIn(
      `${runtime}/tx-manager-abort.test.ts`,
      'an AbortSignal between statements refuses the next one, and rolls back whatever fn makes of it',
    ),
  },
  {
    name: 'an abort refuses the next statement',
    file: `${runtime}/server-transaction.ts`,
    text: 'if (signal?.aborted === true) return Promise.reject(this.#die(abortedError(signal)))',
    without: '',
    noticedBy: testsIn(
      `${runtime}/tx-manager-abort.test.ts`,
      'an AbortSignal between statements refuses the next one, and rolls back whatever fn makes of it',
    ),
  },
  {
    name: 'an observer that throws changes no outcome',
    file: `${runtime}/observation.ts`,
    text: '} catch {\n      this.#warn()\n    }',
    without: '} catch (error) {\n      throw error\n    }',
    noticedBy: testsIn(
      `${runtime}/tx-manager-retry.test.ts`,
      'an observer that throws changes no outcome',
    ),
  },
  {
    name: 'an observer that rejects later ends no process',
    file: `${runtime}/observation.ts`,
    text: 'if (returned instanceof Promise) returned.catch(() => this.#warn())',
    without: 'if (returned instanceof Date) this.#warn()',
    noticedBy: testsIn(
      `${runtime}/tx-manager-retry.test.ts`,
      'an observer that rejects leaves no rejection unhandled',
    ),
  },
]
