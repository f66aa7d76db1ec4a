import type { Adapter, Row, Run, ScopedStatement, Subject } from './adapter.js'
import { idOf } from './shop.js'
import { itemById, setStock } from './statements.js'

const own = idOf('tenant', 0)
const other = idOf('tenant', 1)
const ownItem = idOf('item', 0, 0)
const otherItem = idOf('item', 1, 0)

/** Statements that name no tenant are refused or empty only where the database keeps them apart. */
function anyone(text: string, values: readonly unknown[]): ScopedStatement {
  return { text, values, where: { text, values } }
}

interface Probe {
  readonly name: string
  /** Left out where only conditions that people write keep tenants apart. */
  readonly database: boolean
  /** Returns what is wrong, or null. */
  run(subject: Subject): Promise<string | null>
}

const probes: readonly Probe[] = [
  {
    name: 'own read',
    database: false,
    run: async (subject) =>
      (await count(subject.one(own, itemById(own, ownItem)))) === 1 &&
      isPresent(await subject.readItem(own, ownItem)) &&
      (await subject.listItems(own)).length === 10
        ? null
        : 'own rows are missing',
  },
  {
    name: 'cross-tenant read',
    database: false,
    run: async (subject) =>
      (await count(subject.one(own, itemById(own, otherItem)))) === 0
        ? null
        : 'a row of another tenant was read',
  },
  {
    name: 'cross-tenant read in its own way of writing',
    database: true,
    run: async (subject) =>
      isPresent(await subject.readItem(own, otherItem)) ? 'a foreign row was read' : null,
  },
  {
    name: 'cross-tenant read without condition',
    database: true,
    run: async (subject) =>
      (await count(
        subject.one(own, anyone('select id from shop.items where tenant_id = $1', [other])),
      )) === 0
        ? null
        : 'rows of another tenant were read',
  },
  {
    name: 'cross-tenant write',
    database: false,
    async run(subject) {
      await subject.one(own, setStock(own, otherItem, -1))
      const stock = await subject.one(other, itemById(other, otherItem))
      return stock[0]?.['stock'] === -1 ? 'a row of another tenant was changed' : null
    },
  },
  {
    name: 'insert for another tenant',
    database: true,
    run: (subject) =>
      refused(
        subject.one(
          own,
          anyone("insert into shop.notes (tenant_id, body) values ($1, 'canary')", [other]),
        ),
        'a row was inserted for another tenant',
      ),
  },
  {
    name: 'row hop',
    database: true,
    run: (subject) =>
      refused(
        subject.one(
          own,
          anyone('update shop.items set tenant_id = $1 where id = $2', [other, ownItem]),
        ),
        'a row was moved to another tenant',
      ),
  },
  {
    name: 'error, then reuse of the connection',
    database: false,
    async run(subject) {
      const failing = async (run: Run): Promise<readonly Row[]> => {
        await run(itemById(own, ownItem))
        return run(anyone('select 1 / 0', []))
      }
      for (let attempt = 0; attempt < 8; attempt += 1) {
        const error = await refused(subject.transaction(own, failing), 'no error was reported')
        if (error !== null) return error
      }
      const found = await Promise.all(
        Array.from({ length: 8 }, () => count(subject.one(other, itemById(other, ownItem)))),
      )
      return found.every((rows) => rows === 0) ? null : 'a connection kept its tenant'
    },
  },
  {
    name: 'no context',
    database: true,
    run: async (subject) =>
      (await count(subject.bare('select id from shop.items'))) === 0
        ? null
        : 'rows were read without a tenant',
  },
]

/** Why the figures of an adapter are invalid; empty when it keeps tenants apart. */
export async function canary(adapter: Adapter, subject: Subject): Promise<readonly string[]> {
  const failures: string[] = []
  for (const { name, database, run } of probes) {
    if (database && adapter.scope === 'where') continue
    const failure = await run(subject).catch((error: unknown) => String(error))
    if (failure !== null) failures.push(`${name}: ${failure}`)
  }
  return failures
}

function isPresent(found: unknown): boolean {
  return Array.isArray(found) ? found.length > 0 : found !== null && found !== undefined
}

async function count(rows: Promise<readonly Row[]>): Promise<number> {
  return (await rows).length
}

async function refused(attempt: Promise<unknown>, otherwise: string): Promise<string | null> {
  return attempt.then(
    () => otherwise,
    () => null,
  )
}
