import type { ReactNode } from 'react'
import { Breakable } from '../details/breakable.js'
import { PageLink } from '../details/page-link.js'
import { StateBadge } from '../details/state-badge.js'
import type { Tone } from '../details/status.js'
import { Time } from '../details/time.js'
import { MemberName } from '../directory/member-name.js'
import { OrgUnitName } from '../directory/org-unit-name.js'
import type { Column } from './column.js'

type More<Item, Sort extends string> = Partial<
  Pick<Column<Item, Sort>, 'isOptional' | 'align' | 'sort'>
>

/** A column of plain text or numbers, with a dash for nothing. */
export function textColumn<Item, Sort extends string = never>(
  id: string,
  header: string,
  value: (item: Item) => string | number | null,
  more: More<Item, Sort> = {},
): Column<Item, Sort> {
  const cell = (item: Item): ReactNode => {
    const shown = value(item) ?? '—'
    return typeof shown === 'string' ? <Breakable text={shown} /> : shown
  }
  return { id, header, value, cell, ...more }
}

/** A column whose text leads to a page of the place. */
export function linkColumn<Item, Sort extends string = never>(
  id: string,
  header: string,
  value: (item: Item) => string,
  to: (item: Item) => string,
  more: More<Item, Sort> = {},
): Column<Item, Sort> {
  return {
    id,
    header,
    value,
    cell: (item) => <PageLink to={to(item)}>{value(item)}</PageLink>,
    ...more,
  }
}

/** A column of times. */
export function timeColumn<Item, Sort extends string = never>(
  id: string,
  header: string,
  value: (item: Item) => string | null,
  more: More<Item, Sort> = {},
): Column<Item, Sort> {
  return { id, header, value, cell: (item) => <Time at={value(item)} />, ...more }
}

/** A column of states. */
export function stateColumn<Item, Sort extends string = never>(
  id: string,
  header: string,
  value: (item: Item) => string,
  tones: Readonly<Record<string, Tone>> = {},
  more: More<Item, Sort> = {},
): Column<Item, Sort> {
  return {
    id,
    header,
    value,
    cell: (item) => <StateBadge state={value(item)} tone={tones[value(item)]} />,
    ...more,
  }
}

/** A column of people, by name where the caller sees them; exported by id. */
export function memberColumn<Item, Sort extends string = never>(
  id: string,
  header: string,
  value: (item: Item) => string | null,
  more: More<Item, Sort> = {},
): Column<Item, Sort> {
  return { id, header, value, cell: (item) => <MemberName id={value(item)} />, ...more }
}

/** A column of org units; exported by id. */
export function orgUnitColumn<Item, Sort extends string = never>(
  id: string,
  header: string,
  value: (item: Item) => string | null,
  more: More<Item, Sort> = {},
): Column<Item, Sort> {
  return { id, header, value, cell: (item) => <OrgUnitName id={value(item)} />, ...more }
}

/** A column of buttons. */
export function actionColumn<Item>(cell: (item: Item) => ReactNode): Column<Item> {
  return { id: 'actions', header: 'Actions', cell, align: 'right' }
}
