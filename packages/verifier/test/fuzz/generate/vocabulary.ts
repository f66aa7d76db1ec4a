import type { Kind } from '../world.js'

const uuids: readonly string[] = [
  '11111111-1111-4111-8111-111111111111',
  '22222222-2222-4222-8222-222222222222',
  'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
]

const texts: readonly string[] = ['a', 'A', 'b', 'ab', 'ab ', '', '7', '12']
const ints: readonly string[] = ['0', '1', '2', '7', '12']

/** Values of a kind, as text; the first two are the tenants that most rows have. */
export const valuesOf: Readonly<Record<Kind, readonly string[]>> = {
  bool: ['true', 'false'],
  int: ['1', '2', '7', '12', '0'],
  text: texts,
  uuid: uuids,
  json: [
    '{"k": "a", "n": 1}',
    '{"k": "b", "o": {"p": "a"}}',
    '{"k": null}',
    '{}',
    '["a"]',
    'null',
    '{"k": 7}',
  ],
  tags: ['{}', '{a}', '{a,b}', '{b,NULL}', '{7}'],
  enum: ['a', 'b', 'ab'],
  name: ['a', 'b', 'A', `${'n'.repeat(62)}x`, 'n'.repeat(63)],
  citext: ['a', 'b', 'A', 'B'],
  bpchar: ['a', 'b', 'ab'],
  numeric: ['1', '2', '1.5', '2.4', '7'],
  loose: ['a', 'b', 'A', 'B'],
}

/** Declared types of a kind; `{s}` is the schema of the world. */
export const sqlTypes: Readonly<Record<Kind, readonly string[]>> = {
  bool: ['boolean'],
  int: ['int', 'bigint', 'smallint'],
  text: ['text', 'text', 'varchar(40)', 'text collate "C"'],
  uuid: ['uuid'],
  json: ['jsonb'],
  tags: ['text[]'],
  enum: ['{s}.mood'],
  name: ['name'],
  citext: ['public.citext'],
  bpchar: ['char(2)'],
  numeric: ['numeric'],
  loose: ['text collate {s}.loose'],
}

/** The type that a cast names. */
export const castTypes: Readonly<Record<Kind, string>> = {
  bool: 'boolean',
  int: 'int',
  text: 'text',
  uuid: 'uuid',
  json: 'jsonb',
  tags: 'text[]',
  enum: '{s}.mood',
  name: 'name',
  citext: 'public.citext',
  bpchar: 'char(2)',
  numeric: 'numeric',
  loose: 'text',
}

/** Texts for literals of conditions and for settings. */
export const literals: Readonly<Record<Kind, readonly string[]>> = {
  ...valuesOf,
  text: [...texts, ...uuids],
  int: ints,
}

/** Texts that are no tenant of the kind, or one in disguise. */
export function oddTexts(kind: Kind): readonly string[] {
  if (kind === 'uuid') return ['AAAAAAAA-AAAA-4AAA-8AAA-AAAAAAAAAAAA', 'nonsense', uuids[2] ?? '']
  if (kind === 'int') return ['01', ' 1', '+2', 'nonsense', '1.5', '99999999999']
  if (kind === 'numeric') return ['1.0', '1.4', 'nonsense']
  return ['a ', 'B', 'nonsense', 'n'.repeat(64), '12']
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
