import { randomUUID } from 'node:crypto'
import type { CatalogSnapshot, Column } from 'watertight/catalog'

/** A value of the column's type that ordinary constraints let pass; null when the type is unknown. */
export function valueFor(catalog: CatalogSnapshot, column: Column, serial: number): string | null {
  const type = column.baseType
  const enumeration = catalog.enums.find(
    (entry) => entry.name === bareName(type) || entry.name === bareName(column.type),
  )
  if (enumeration !== undefined) return enumeration.labels[0] ?? null
  if (type.endsWith('[]')) return '{}'
  // Extensions live in any schema; their types are known by name.
  const name = type.replace(/\(.*\)/, '').replace(/^[^.]+\.(citext|ltree|hstore)$/, '$1')
  const length = Number(/\((\d+)\)/.exec(type)?.[1] ?? Infinity)
  const make = makers[name]
  return make === undefined ? null : make(serial, length)
}

function bareName(type: string): string {
  const part = /(?:^|\.)("(?:[^"]|"")*"|[^".]+)$/.exec(type)?.[1] ?? type
  return part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part
}

type Maker = (serial: number, length: number) => string

const text: Maker = (serial, length) => {
  const value = `watertight${serial}`
  return value.length <= length ? value : String(serial).slice(-length)
}
const day = (serial: number): string =>
  new Date(Date.now() + (serial % 10_000) * 60_000).toISOString().slice(0, 10)
const moment = (serial: number): string =>
  new Date(Date.now() + (serial % 10_000) * 1_000).toISOString()
const empty = (value: string): Maker => {
  return () => value
}

const makers: Readonly<Record<string, Maker>> = {
  uuid: () => randomUUID(),
  text,
  'character varying': text,
  character: text,
  bpchar: text,
  citext: text,
  name: text,
  smallint: (serial) => String(1_000 + (serial % 30_000)),
  integer: (serial) => String(1_900_000_000 + serial),
  bigint: (serial) => String(1_900_000_000 + serial),
  numeric: empty('1'),
  real: empty('1'),
  'double precision': empty('1'),
  money: empty('1'),
  boolean: empty('false'),
  date: day,
  'timestamp without time zone': moment,
  'timestamp with time zone': moment,
  'time without time zone': empty('12:00'),
  'time with time zone': empty('12:00+00'),
  interval: empty('1 hour'),
  json: empty('{}'),
  jsonb: empty('{}'),
  bytea: (serial) => `\\x${Buffer.from(`watertight${serial}`).toString('hex')}`,
  inet: empty('192.0.2.1'),
  cidr: empty('192.0.2.0/24'),
  macaddr: empty('02:00:00:00:00:01'),
  bit: (_serial, length) => '0'.repeat(Number.isFinite(length) ? length : 1),
  'bit varying': empty('0'),
  xml: empty('<a/>'),
  tsvector: empty(''),
  point: empty('(0,0)'),
  int4range: empty('[1,2)'),
  int8range: empty('[1,2)'),
  numrange: empty('[1,2)'),
  daterange: (serial) => `[${day(serial)},)`,
  tsrange: (serial) => `[${moment(serial)},)`,
  tstzrange: (serial) => `[${moment(serial)},)`,
  hstore: empty(''),
  oid: empty('1'),
  ltree: (serial) => `watertight${serial}`,
  line: empty('{1,1,1}'),
  lseg: empty('[(0,0),(1,1)]'),
  box: empty('(1,1),(0,0)'),
  path: empty('((0,0),(1,1))'),
  polygon: empty('((0,0),(1,1),(1,0))'),
  circle: empty('<(0,0),1>'),
  macaddr8: empty('02:00:00:00:00:00:00:01'),
  tsquery: empty('watertight'),
  jsonpath: empty('$'),
  pg_lsn: empty('0/1'),
  xid: empty('1'),
  '"char"': empty('w'),
  regclass: empty('pg_class'),
  int4multirange: empty('{}'),
  int8multirange: empty('{}'),
  nummultirange: empty('{}'),
  datemultirange: empty('{}'),
  tsmultirange: empty('{}'),
  tstzmultirange: empty('{}'),
}
