import { randomUUID } from 'node:crypto'
import type { Column } from 'watertight/catalog'
import type { KeyType } from 'watertight/model'

/**
 * A key that nobody has. Text is the text of a UUID wherever the columns that will hold it have room
 * for one: where ids are text, policies and helpers often cast them to `uuid`, and every probe would
 * fail on anything else.
 */
export function freshKey(type: KeyType, number: number, columns: readonly Column[]): string {
  if (type === 'bigint') return String(900_000_000 + number)
  if (type === 'uuid' || columns.every(holdsUuid)) return randomUUID()
  return `watertight-probe-${number}`
}

const uuidLength = 36

function holdsUuid({ baseType }: Column): boolean {
  const length = /^character(?: varying)?\((\d+)\)$/.exec(baseType)?.[1]
  return length === undefined || Number(length) >= uuidLength
}
