import { boundContext } from './bound-context.js'
import type { ScopedResult } from './query-arguments.js'
import type { ScopedClient } from './scoped-client.js'
import type { ScopedPool } from './scoped-pool.js'

/** What TypeORM cannot ask the server while it starts, since there is no tenant yet. */
export interface StartAnswers {
  /** Schema of the tables whose entities name none; `public` by default. */
  readonly schema?: string | undefined
  readonly database?: string | undefined
}

type Answers = ReadonlyMap<unknown, Readonly<Record<string, string>>>

/** By the texts TypeORM sends. The version decides nothing from PostgreSQL 12 on. */
function answersTo({ schema = 'public', database = 'tenancy' }: StartAnswers): Answers {
  return new Map([
    ['SELECT version()', { version: 'PostgreSQL 15.0' }],
    ['SELECT * FROM current_database()', { current_database: database }],
    ['SELECT * FROM current_schema()', { current_schema: schema }],
  ])
}

/** Answers the questions of TypeORM's start, where there is no tenant context, without SQL. */
export function answerStart(pool: ScopedPool, given: StartAnswers): ScopedPool {
  const answers = answersTo(given)
  const connect = pool.connect.bind(pool)
  const connectAnswering: typeof connect = ((callback: Parameters<typeof connect>[0]) => {
    connect((error, client, release) => {
      if (client !== undefined) answerOn(client, answers)
      callback(error, client, release)
    })
  }) as typeof connect
  return Object.assign(pool, { connect: connectAnswering })
}

function answerOn(client: ScopedClient, answers: Answers): void {
  const query = client.query.bind(client)
  Object.assign(client, {
    query(text: unknown, values?: unknown, callback?: unknown) {
      const answer = values === undefined ? answers.get(text) : undefined
      if (answer === undefined || boundContext(null) !== null) return query(text, values, callback)
      return Promise.resolve(resultOf(answer))
    },
  })
}

function resultOf(row: Readonly<Record<string, string>>): ScopedResult {
  return { rows: [{ ...row }], rowCount: 1, command: 'SELECT', fields: [], oid: null }
}
