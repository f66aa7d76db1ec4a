import type pg from 'pg'
import type { TenancyModel } from 'watertight/model'
import { parseTenantContext, signContext } from 'watertight/runtime'
import type { SigningKey } from 'watertight/runtime'
import type { Sql } from 'watertight/sql'
import { ident, joinSql, literal, sql } from 'watertight/sql'
import type { MatrixActor } from './expectation.js'

/** What became of a statement: the rows it touched, or the SQLSTATE that refused it. */
export type Outcome =
  | { readonly ok: true; readonly rows: readonly Record<string, unknown>[]; readonly count: number }
  | { readonly ok: false; readonly sqlState: string }

/** One attempt: statements before and after it run as the superuser, in the same transaction. */
export interface Attempt {
  readonly prepare?: Sql
  readonly statement: Sql
  /** Reads what the statement did; its rows replace those of the statement. */
  readonly observe?: Sql
}

/**
 * Runs attempts as any actor, on one superuser connection, in transactions that are rolled back.
 *
 * Triggers and foreign keys are off (`session_replication_role`), so that nothing but a privilege, a
 * policy, a CHECK or a unique key can refuse a statement. PostgreSQL evaluates a policy's WITH CHECK
 * before the other two, so SQLSTATE 42501 tells a denial from everything else.
 */
export class ActorSession {
  readonly #client: pg.Client
  readonly #model: TenancyModel
  readonly #key: SigningKey

  constructor(client: pg.Client, model: TenancyModel, key: SigningKey) {
    this.#client = client
    this.#model = model
    this.#key = key
  }

  /** One message to the server, so that thousands of attempts take seconds. */
  async run(actor: MatrixActor, { prepare, statement, observe }: Attempt): Promise<Outcome> {
    const role = this.#model.roles[actor.role]
    if (role === null) throw new Error(`the model has no role ${actor.role}`)
    const steps = [
      sql`begin`,
      sql`set local session_replication_role = replica`,
      ...(prepare === undefined ? [] : [prepare]),
      ...this.#context(actor),
      sql`set local role ${ident(role)}`,
      statement,
      ...(observe === undefined ? [] : [sql`set local role none`, observe]),
      sql`rollback`,
    ]
    try {
      const results = await this.#results(joinSql(steps, ';\n'))
      const count = results[steps.indexOf(statement)]?.rowCount ?? 0
      return { ok: true, rows: results[steps.indexOf(observe ?? statement)]?.rows ?? [], count }
    } catch (error) {
      await this.#client.query('rollback')
      const code: unknown = Reflect.get(Object(error), 'code')
      if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) throw error
      return { ok: false, sqlState: code }
    }
  }

  /** pg gives a list of results for several statements; its types do not say so. */
  async #results(statements: Sql): Promise<readonly pg.QueryResult<Record<string, unknown>>[]> {
    const results: unknown = await this.#client.query(statements.text)
    if (!Array.isArray(results)) throw new Error('one result for several statements')
    return results as pg.QueryResult<Record<string, unknown>>[]
  }

  /** Without claims nothing is set: the setting is what the last transaction left, the empty string. */
  #context({ claims }: MatrixActor): readonly Sql[] {
    if (claims === null) return []
    const token = literal(signContext(parseTenantContext(claims), this.#key))
    return [sql`select set_config('watertight.context', ${token}, true)`]
  }
}
