import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { readParts } from '../../test/expr/stored-parts.js'
import type { StoredPart } from '../../test/expr/stored-parts.js'
import { treeOf, treeOfQuery } from '../../test/expr/same-tree.js'
import { parsePlpgsqlBody } from './function-body/plpgsql-body.js'
import { parseSqlFunctionBody } from './function-body/sql-body.js'
import { parseExpression, parseSelect } from './parse.js'
import { loadParser } from './parser/parser.js'
import { printExpression, printSelect } from './print/print.js'

const folder = new URL('../../../../../shared/', import.meta.url)
const available = existsSync(new URL('leak-pairs/', folder))
if (!available) process.stdout.write(`skipped: no schemas at ${folder.pathname}\n`)

const kinds = new Map<string, { parts: number; opaque: number }>()
const reasons = new Map<string, number>()
const seen = new Set<string>()

/** Parses a part, checks that printing keeps its tree, and counts what is opaque. */
function account(part: StoredPart): void {
  if (seen.has(part.kind + part.text)) return
  seen.add(part.kind + part.text)
  const tree = parsed(part)
  const text = JSON.stringify(tree)
  const count = kinds.get(part.kind) ?? { parts: 0, opaque: 0 }
  const found = text.matchAll(/"kind":"opaque","reason":"([^"]*)"/g)
  const here = [...found].map(([, reason]) => `${part.kind}: ${reason}`)
  for (const reason of here) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  kinds.set(part.kind, {
    parts: count.parts + 1,
    opaque: count.opaque + (here.length > 0 ? 1 : 0),
  })
}

function parsed({ kind, text }: StoredPart): unknown {
  if (kind === 'sql-function') return parseSqlFunctionBody(text, { returns: '', argNames: [] })
  if (kind === 'plpgsql-function') return parsePlpgsqlBody(text)
  if (kind === 'view') {
    const select = parseSelect(text)
    expect(treeOfQuery(printSelect(select).text)).toBe(treeOfQuery(text))
    return select
  }
  const expr = parseExpression(text)
  expect(treeOf(printExpression(expr).text)).toBe(treeOf(text))
  return expr
}

/** Loads SQL files in a transaction that is never kept, so that their roles stay unborn. */
async function collect(admin: pg.Client, files: readonly string[]): Promise<void> {
  await admin.query('begin')
  try {
    for (const role of ['anon', 'authenticated']) {
      await admin.query(
        `do $$ begin create role ${role}; exception when duplicate_object then null; end $$`,
      )
    }
    for (const file of files) {
      const text = readFileSync(new URL(file, folder), 'utf8')
      await admin.query(text.replaceAll(/^\s*(begin|commit|rollback)\s*;/gim, ''))
    }
    await admin.query('reset role')
    for (const part of await readParts(admin)) account(part)
  } finally {
    await admin.query('rollback')
  }
}

/** A few files cannot run inside a transaction. What is not the server's complaint is ours. */
function loadProblem(error: unknown): string {
  if (error instanceof Error && 'severity' in error) return error.message
  throw error
}

function sqlFiles(path: string): readonly string[] {
  return readdirSync(new URL(path, folder))
    .filter((file) => file.endsWith('.sql') && !file.endsWith('.undo.sql'))
    .map((file) => `${path}${file}`)
}

describe.skipIf(!available)('the expressions of whole schemas', () => {
  let database: TestDatabase

  beforeAll(async () => {
    await loadParser()
    database = await createTestDatabase()
    return () => database.drop()
  })

  afterAll(() => {
    const shares = [...kinds].map(([kind, { parts, opaque }]) => `${kind} ${opaque} of ${parts}`)
    const why = [...reasons].map(([reason, times]) => `${reason} (${times})`)
    process.stdout.write(`with opaque parts: ${shares.join(', ')}\nreasons: ${why.join('; ')}\n`)
  })

  const pairs = available ? sqlFiles('leak-pairs/').filter((file) => !file.includes('probe')) : []
  const split = 'leakbench/dev/'
  const cases = available
    ? [...sqlFiles(`${split}leaks/`), ...sqlFiles(`${split}benign/`)].map((file) => {
        const base = /([^/]+)--/.exec(file)?.[1] ?? ''
        const clean = `${split}bases/${base}/`
        return [file, [`${clean}schema.sql`, `${clean}seed.sql`, file]] as const
      })
    : []
  const unloadable: string[] = []

  it.each([...pairs.map((file) => [file, [file]] as const), ...cases])(
    'are read and printed: %s',
    async (name, files) => {
      const problem = await collect(database.admin, files).catch(loadProblem)
      if (problem !== undefined) unloadable.push(`${name}: ${problem}`)
      expect(unloadable.length).toBeLessThan(10)
    },
  )

  it('are read without opaque parts where they are ordinary', () => {
    if (unloadable.length > 0) process.stdout.write(`not loaded: ${unloadable.join('; ')}\n`)
    for (const kind of ['policy', 'check', 'default', 'index', 'view']) {
      expect([kind, kinds.get(kind)?.opaque ?? 0]).toEqual([kind, 0])
    }
    expect(kinds.get('policy')?.parts).toBeGreaterThan(100)
  })
})
