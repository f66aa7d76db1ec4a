import { randomUUID } from 'node:crypto'
import { sql } from 'watertight/sql'
import type { Token } from '../../../expr/tokens.js'
import { held, inconclusive } from '../../attack.js'
import type { Attack, Outcome, Probe } from '../../attack.js'
import { withKey } from '../../forged-context/context-key.js'
import { policyReach } from '../../policy-text/policy-reach.js'
import { sampleRows } from '../../samples.js'
import { insertRow } from '../../synthesis/insert-row.js'
import type { Target } from '../../target.js'
import { foreignSelect } from '../foreign-select/index.js'

/** Two tenants whose keys a comparison takes for one. */
export const collidingKey: Attack = {
  id: 'colliding-key',
  title: 'Reads rows of a tenant whose key an inexact comparison takes for its own.',
  command: 'SELECT',
  context: 'own',
  applies: (input, target, role) => {
    const { kind } = input.model.context
    if ((kind !== 'guc' && kind !== 'jwt-claims') || target.boundary !== 'tenant') return false
    if (target.keyColumn === null) return false
    if (comparesInexactly(target)) return true
    const { all } = policyReach(input, target.table.relation, role, 'SELECT')
    return all.some((tokens) =>
      tokens.some(
        ({ kind: of, text }, at) =>
          of !== 'string' &&
          (isInexact(text) || castsToOther(tokens.slice(Math.max(0, at - 2), at + 1))),
      ),
    )
  },
  run: async (probe) => {
    let best: Outcome = inconclusive('no two tenants with such keys can be made')
    for (const keys of pairs(probe)) {
      const outcome = await probe.session.attempt(() => read(probe, keys))
      if (outcome.kind === 'leak') {
        const what = `${outcome.what}: the policies take two different keys for one`
        return { ...outcome, what }
      }
      if (outcome.kind === 'held') best = held
    }
    return best
  },
}

const inexact: ReadonlySet<string> = new Set(
  `~ % & | ^ @ like ilike similar lower upper initcap left right substr substring trim btrim ltrim rtrim replace
   translate starts_with strpos position split_part regexp_replace regexp_match md5 hashtext hashtextextended
   character varchar bpchar char name numeric integer int4 smallint int2 real double float4 float8 abs mod div
   round floor ceil trunc to_number lpad rpad reverse unaccent soundex metaphone collate citext ltree subpath
   length ascii encode decode overlay`.split(/\s+/),
)

const exact =
  /^(text|uuid|bigint|int8|jsonb?|boolean|bool|date|time|timestamp|timestamptz|interval|oid|reg\w+)$/

/** A value's cast to a type of the database's own, such as a domain over a type that cuts. */
function castsToOther([value, cast, type]: readonly Token[]): boolean {
  return cast?.text === '::' && value?.kind !== 'string' && !exact.test(type?.text ?? '')
}

/**
 * Texts that differ are one key to the column itself. Where the column points to a table of tenants,
 * that table holds only one of them.
 */
function comparesInexactly({ table: { relation }, keyColumn }: Target): boolean {
  const column = relation.columns.find(({ name }) => name === keyColumn)
  if (column === undefined) return false
  const isReference = relation.constraints.some(
    ({ kind, columns }) => kind === 'foreign-key' && columns.includes(column.name),
  )
  return !isReference && (column.collation !== null || column.baseType.endsWith('citext'))
}

/** The same table with keys told apart by their bytes. */
function byBytes(target: Target): Target {
  return {
    ...target,
    key: sql`(${target.key}::text collate "C")`,
    keyType: sql`text`,
    keyColumn: null,
  }
}

function isInexact(text: string): boolean {
  return inexact.has(text)
}

interface Keys {
  readonly own: string
  readonly foreign: string
}

/** Pairs of different keys that look alike to folding, cutting, patterns, padding and rounding. */
function pairs(probe: Probe): readonly Keys[] {
  const type = probe.target.keyType.text.replace(/\(.*\)/, '')
  const number = 10_000 + Math.floor(Math.random() * 80_000)
  if (/^(bigint|integer|smallint)$/.test(type)) return numbers(type === 'smallint' ? 21 : number)
  if (type === 'numeric') {
    return [...numbers(number), { own: `${number}.2`, foreign: `${number}.3` }]
  }
  if (type === 'uuid') return uuids()
  const word = `wt${number}q`
  const long = `${word}${'x'.repeat(80)}`
  return [
    { own: word, foreign: word.toUpperCase() },
    { own: `${word}-1`, foreign: `${word}-2` },
    { own: `${long}1`, foreign: `${long}2` },
    { own: word, foreign: `${word}r` },
    { own: word, foreign: `r${word}` },
    // The other way round: the context contains the key.
    { own: `${word}r`, foreign: word },
    { own: `r${word}`, foreign: word },
    { own: `${word}_x`, foreign: `${word}yx` },
    { own: `${word}.x`, foreign: `${word}yx` },
    { own: `${word}%`, foreign: `${word}yx` },
    { own: word, foreign: `${word} ` },
    { own: word, foreign: ` ${word}` },
    { own: `${word}-x`, foreign: `${word}x` },
    { own: `${word}e`, foreign: `${word}é` },
  ]
}

function numbers(number: number): readonly Keys[] {
  return [
    { own: `${number}`, foreign: `${number}4` },
    { own: `${number}`, foreign: `4${number}` },
    { own: `${number}`, foreign: `-${number}` },
    { own: `${number}`, foreign: `${number + 1}` },
  ]
}

function uuids(): readonly Keys[] {
  const own = randomUUID()
  const other = randomUUID()
  return [8, 13, 18, 23, 35]
    .flatMap((length) => [
      { own, foreign: own.slice(0, length) + other.slice(length) },
      { own, foreign: other.slice(0, length) + own.slice(length) },
    ])
    .filter((keys) => keys.own !== keys.foreign)
}

async function read(probe: Probe, { own, foreign }: Keys): Promise<Outcome> {
  const { session } = probe
  const target = comparesInexactly(probe.target) ? byBytes(probe.target) : probe.target
  const context = withKey(probe.context, probe.own, own)
  const rows = []
  for (const tenant of [own, foreign]) {
    const principal = { tenant, user: null }
    const made = await insertRow(probe.synthesis(principal), target.table.relation, {
      [probe.target.keyColumn ?? '']: tenant,
    })
    if (typeof made === 'string') return inconclusive(made)
    rows.push(await sampleRows(session, target, tenant))
  }
  const [ownRows, foreignRows] = rows
  if (ownRows === undefined || foreignRows === undefined || foreignRows.places.length === 0) {
    return inconclusive('the rows made did not keep their keys')
  }
  return foreignSelect.run({ ...probe, target, own, foreign, ownRows, foreignRows, context })
}
