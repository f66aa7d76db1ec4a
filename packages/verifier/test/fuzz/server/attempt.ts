import type pg from 'pg'
import type { Cells, FuzzTable, Settings } from '../world.js'
import type { Place } from './place.js'

/** A statement as a role under settings, and how its effect is looked at. */
export interface Attempt {
  readonly role: string
  readonly settings: Settings
  /** Run before as the superuser. */
  readonly before?: string
  readonly statement: string
  /** A query of one jsonb; without it the statement is one. */
  readonly observe?: string
}

export type Outcome =
  | { readonly seen: unknown; readonly error?: undefined }
  | { readonly error: string; readonly message: string }

/** What comes of attempts that the server gave up, since one of them takes too long. */
const givenUp: Outcome = { error: '57014', message: 'the batch took too long' }

/** Runs attempts, each taken back, many in one round trip. */
export async function runAttempts(
  client: pg.Client,
  attempts: readonly Attempt[],
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (let from = 0; from < attempts.length; from += 120) {
    const batch = attempts.slice(from, from + 120)
    outcomes.push(...(await runBatch(client, batch)))
  }
  return outcomes
}

async function runBatch(client: pg.Client, batch: readonly Attempt[]): Promise<readonly Outcome[]> {
  await client.query('savepoint batch')
  try {
    const { rows } = await client.query<{ run: readonly Outcome[] }>('select fuzz.run($1)', [
      JSON.stringify(batch),
    ])
    return rows[0]?.run ?? []
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === '57014')) throw error
    await client.query('rollback to batch')
    return batch.map(() => givenUp)
  }
}

/** Settings with the names of a place. */
export function settingsIn(place: Place, settings: Settings): Settings {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [place.fill(name), value]),
  )
}

/** A query of all rows, every value as its text. */
export function rowsQuery({ name, columns }: FuzzTable, where: string = 'true'): string {
  const cells = columns.map((column) => `'${column.name}', r.${column.name}::text`)
  return `select coalesce(jsonb_agg(jsonb_build_object(${cells.join(', ')}, 'mark', r.mark::text) order by r.id), '[]') from {s}.${name} r where ${where}`
}

/** `insert into …` of a row whose values are texts. */
export function insertSql({ name, columns }: FuzzTable, row: Cells): string {
  return `insert into {s}.${name} (${columns.map((column) => column.name).join(', ')}) values (${columns.map((column) => cellSql(row[column.name] ?? null)).join(', ')})`
}

/** `update … set` of every column but the key, without WHERE. */
export function updateSql({ name, columns }: FuzzTable, row: Cells): string {
  return `update {s}.${name} set ${assignments(
    columns.map((column) => column.name),
    row,
  )}`
}

export function upsertSql(table: FuzzTable, row: Cells): string {
  const names = table.columns.map((column) => column.name)
  return `${insertSql(table, row)} on conflict (id) do update set ${assignments(names, row)}`
}

function assignments(names: readonly string[], row: Cells): string {
  return names
    .filter((name) => name !== 'id')
    .map((name) => `${name} = ${cellSql(row[name] ?? null)}`)
    .join(', ')
}

function cellSql(cell: string | null): string {
  return cell === null ? 'null' : `'${cell.replaceAll("'", "''")}'`
}

export function isRows(seen: unknown): seen is readonly Cells[] {
  return Array.isArray(seen)
}
