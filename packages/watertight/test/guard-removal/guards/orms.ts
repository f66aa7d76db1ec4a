import type { Guard } from '../guard.js'
import { testsIn } from '../guard.js'

const pool = 'src/orms/scoped-pool.test.ts'
const thePool = 'the pool that ORMs get'

/** What keeps ORMs inside the scope. */
export const ormGuards: readonly Guard[] = [
  {
    name: 'a statement outside of a scope is not sent',
    file: 'src/orms/scoped-client.ts',
    text: 'this.#context = this.#scope.context(this.#context, true)\n    return this.#context',
    without:
      'this.#context = this.#scope.context(this.#context)\n    return this.#context as TenantContext',
    noticedBy: testsIn(pool, `${thePool} sends nothing without a context`),
  },
  {
    name: 'a client serves the context of its first use alone',
    file: 'src/orms/bound-context.ts',
    text: 'context === other || isSameContext(context, other)) return context',
    without: 'isSameContext !== null) return context',
    noticedBy: testsIn(
      pool,
      `${thePool} refuses a client that was taken under the context of another tenant`,
    ),
  },
  {
    name: 'a handle of one context is not used under another',
    file: 'src/orms/bound-context.ts',
    text: 'agreed(agreed(own, ambientContext()), bound)',
    without: 'agreed(own, bound)',
    noticedBy: testsIn(
      'src/orms/orm-handles.test.ts',
      'kysely on a handle of one context sends nothing where another tenant is the ambient one',
      'knex on a handle of one context is refused in what a run left behind',
    ),
  },
  {
    name: 'only the questions of a starting ORM run without a context',
    file: 'src/orms/scoped-client.ts',
    text: 'this.#begun === null && bootstrap.serves(statement)',
    without: 'this.#begun === null',
    noticedBy: testsIn(
      pool,
      `${thePool} answers the questions of a starting ORM without a context, and only those`,
    ),
  },
  {
    name: 'a client that was released runs nothing',
    file: 'src/orms/scoped-client.ts',
    text: '#route(statement: Statement): Promise<ScopedResult> {\n    if (this.#released) throw released()',
    without: '#route(statement: Statement): Promise<ScopedResult> {',
    noticedBy: testsIn(
      pool,
      `${thePool} answers the questions of a starting ORM without a context, and only those`,
    ),
  },
  {
    name: 'a transaction begun inside a run that has ended is not opened',
    file: 'src/orms/scoped-client.ts',
    text: 'ambientContext()\n      return openTransaction',
    without: 'return openTransaction',
    noticedBy: testsIn(
      pool,
      `${thePool} opens no transaction from a BEGIN inside a run that has ended`,
    ),
  },
  {
    name: 'set_config is not sent',
    file: 'src/orms/statement-control.ts',
    text: "if (mentionsSetConfig && callsSetConfig(word, text)) throw refused('set_config')",
    without: '',
    noticedBy: testsIn(
      'src/orms/statement-control.test.ts',
      "the control that a statement has over its transaction refuses \"select set_config('app.tenant_id', 'other', false)\"",
    ),
  },
  {
    name: 'what changes the session is not sent',
    file: 'src/orms/statement-control.ts',
    text: 'if (control === null) throw refused(word.toUpperCase())\n  return control',
    without: 'return control ?? none',
    noticedBy: testsIn(
      'src/orms/statement-control.test.ts',
      'the control that a statement has over its transaction refuses "discard all"',
    ),
  },
]
