import type { Guard } from '../guard.js'
import { testsIn } from '../guard.js'

const runtime = 'src/runtime'
const renamed = `${runtime}/renamed-statements.test.ts`
const byPg = 'with pg no tenant gives statements of others another text by'

/** What a caller may not send, and what becomes of a connection where it was sent all the same. */
export const statementGuards: readonly Guard[] = [
  {
    name: 'messages that were begun do not go out with those of the next caller',
    file: 'src/drivers/pg-flight.ts',
    text: 'writer.clear()',
    without: '',
    noticedBy: testsIn(
      'src/drivers/pg-writing.test.ts',
      'the messages of a flight on pg never go out with those of another caller, when one of them cannot be written',
    ),
  },
  {
    name: 'a statement that begins or ends a transaction is not sent',
    file: `${runtime}/statement.ts`,
    text: 'if (isTransactionControl(text)) {',
    without: 'if (text === null) {',
    noticedBy: testsIn(
      `${runtime}/tx-manager-run.test.ts`,
      'run sends nothing that would begin or end a transaction, and keeps its connection',
    ),
  },
  {
    name: 'a cursor WITH HOLD is not sent',
    file: `${runtime}/statement.ts`,
    text: 'if (holdsCursor(text)) {',
    without: 'if (text === null) {',
    noticedBy: testsIn(
      `${runtime}/tx-manager-leftovers.test.ts`,
      'a transaction leaves on its connection no cursor',
    ),
  },
  {
    name: 'a connection on which a lone statement began a transaction is closed',
    file: `${runtime}/lone-flight.ts`,
    text: 'session.release(!idle || isSpent)',
    without: 'session.release(isSpent)',
    noticedBy: testsIn(
      `${runtime}/server-transaction.test.ts`,
      'closes the connection of a lone statement that got past the guard and began one',
    ),
  },
  {
    name: 'a transaction that a statement ended takes no further statement',
    file: `${runtime}/server-transaction.ts`,
    text: "if (this.#status !== 'idle') return\n    this.#tainted = true",
    without: 'if (this.#session !== null) return',
    noticedBy: testsIn(
      `${runtime}/server-transaction.test.ts`,
      'closes the connection of a statement that got past the guard and ended its transaction',
    ),
  },
  {
    name: 'a connection that was left within a transaction is closed',
    file: `${runtime}/server-transaction.ts`,
    text: "session.release(this.#lost || this.#tainted || this.#spent || this.#status !== 'idle')",
    without: 'session.release(this.#spent)',
    noticedBy: testsIn(
      `${runtime}/server-transaction.test.ts`,
      'closes the connection of a statement that got past the guard and ended its transaction',
    ),
  },
  {
    name: 'a connection on which a lone statement may have renamed others is closed',
    file: `${runtime}/lone-flight.ts`,
    text: 'session.release(!idle || isSpent)',
    without: 'session.release(!idle)',
    noticedBy: testsIn(
      renamed,
      `${byPg} DEALLOCATE and PREPARE`,
      `${byPg} a function that it makes and calls later`,
    ),
  },
  {
    name: 'a connection on which a transaction may have renamed statements is closed',
    file: `${runtime}/server-transaction.ts`,
    text: 'this.#spent ||= !this.#isReusableAfter(statements)',
    without: '',
    noticedBy: testsIn(renamed, `${byPg} DO that fails, sent alone`, `${byPg} DO within run`),
  },
  {
    name: 'a connection on which SET left a setting is closed',
    file: `${runtime}/reusable-after.ts`,
    text: 'set\\s+(?:local|constraints|transaction)|show',
    without: 'set|show',
    noticedBy: testsIn(
      `${runtime}/tx-manager-leftovers.test.ts`,
      'a setting of the session does not meet the next tenant when it is set by SET',
      'a setting of the session does not meet the next tenant when it is set by SET SESSION',
    ),
  },
  {
    name: 'a connection on which set_config left a setting is closed',
    file: `${runtime}/reusable-after.ts`,
    text: "if (setConfig.test(text) && setConfig.test(text.replace(localSetConfig, ''))) return false",
    without: '',
    noticedBy: testsIn(
      `${runtime}/tx-manager-leftovers.test.ts`,
      'a setting of the session does not meet the next tenant when it is set by set_config',
      'a setting of the session does not meet the next tenant when it is set by set_config by an escaped name',
    ),
  },
  {
    name: 'a context is set by the function of PostgreSQL',
    file: `${runtime}/context-statement.ts`,
    text: 'select where pg_catalog.set_config(',
    without: 'select where set_config(',
    noticedBy: testsIn(
      renamed,
      'a context is set by set_config of pg_catalog, whatever search_path its role has given itself',
    ),
  },
  {
    name: 'the tag of COMMIT is read',
    file: `${runtime}/server-transaction.ts`,
    text: "if (flight.results[0]?.command !== 'COMMIT') {",
    without: 'if (flight.results.length > 1) {',
    noticedBy: testsIn(
      `${runtime}/server-transaction.test.ts`,
      'reads the tag of COMMIT: a failed transaction answers ROLLBACK, without an error',
    ),
  },
]
