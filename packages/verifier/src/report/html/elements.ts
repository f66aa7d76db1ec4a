import { escapeMarkup } from '../xml.js'

/** Markup that is safe to put into a page: made by the functions of this file alone. */
declare const isMarkup: unique symbol
export type Markup = string & { readonly [isMarkup]: true }

/** What an element may hold: markup as it is, text escaped. */
export type Content = Markup | readonly Markup[]

/** Text as markup. */
export function text(value: string): Markup {
  return escapeMarkup(value) as Markup
}

/** An element with its content; attributes are escaped. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...content: readonly Content[]
): Markup {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeMarkup(value)}"`)
  return `<${name}${list.join('')}>${content.flat().join('')}</${name}>` as Markup
}

/** Several pieces one after the other. */
export function join(...pieces: readonly Content[]): Markup {
  return pieces.flat().join('\n') as Markup
}

export function paragraph(value: string): Markup {
  return element('p', {}, text(value))
}

export function code(value: string): Markup {
  return element('code', {}, text(value))
}

export function pre(value: string): Markup {
  return element('pre', {}, element('code', {}, text(value)))
}

/** A section with its heading and the anchor that the table of contents links to. */
export interface Section {
  readonly id: string
  readonly title: string
  readonly body: Markup
}

export function section({ id, title, body }: Section): Markup {
  const heading = element('h2', { id: `${id}-heading` }, text(title))
  return element('section', { id, 'aria-labelledby': `${id}-heading` }, heading, body)
}

/** A cell; a bare string becomes text. */
export type Cell = Markup | { readonly class: string; readonly content: Markup }

/** A real table: caption, column headings, the first cell of a row its heading. */
export function table(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
): Markup {
  const head = headings.map((heading) => element('th', { scope: 'col' }, text(heading)))
  const body = rows.map((row) => element('tr', {}, row.map(cell)))
  const whole = element(
    'table',
    {},
    element('caption', {}, text(caption)),
    element('thead', {}, element('tr', {}, head)),
    element('tbody', {}, body),
  )
  // Wide tables scroll by themselves, by keyboard too.
  return element(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    whole,
  )
}

function cell(value: Cell, index: number): Markup {
  const [attributes, content] =
    typeof value === 'string' ? [{}, value] : [{ class: value.class }, value.content]
  return index === 0
    ? element('th', { scope: 'row', ...attributes }, content)
    : element('td', attributes, content)
}

/** Pairs of a name and what it is. */
export function pairs(entries: readonly (readonly [string, Markup])[]): Markup {
  return element(
    'dl',
    {},
    entries.flatMap(([name, value]) => [element('dt', {}, text(name)), element('dd', {}, value)]),
  )
}

/** Something long that can be folded; open at first, for what is closed is not printed. */
export function folded(summary: string, ...content: readonly Content[]): Markup {
  return element('details', { open: '' }, element('summary', {}, text(summary)), ...content)
}
