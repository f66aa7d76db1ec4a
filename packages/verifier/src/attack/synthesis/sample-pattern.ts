/**
 * A string that a regular expression accepts, for the expressions that CHECK constraints use: anchors,
 * classes, groups, alternatives, counts. Null for anything else; PostgreSQL judges the result anyway.
 * `pick` chooses among `n` possibilities and makes the results of one run differ.
 */
export function samplePattern(pattern: string, pick: (n: number) => number): string | null {
  const reader: Reader = { text: pattern, at: 0, pick }
  const sample = alternatives(reader)
  return reader.at === pattern.length ? sample : null
}

interface Reader {
  readonly text: string
  at: number
  readonly pick: (n: number) => number
}

function alternatives(reader: Reader): string | null {
  const options: string[] = []
  for (;;) {
    const option = sequence(reader)
    if (option === null) return null
    options.push(option)
    if (reader.text[reader.at] !== '|') break
    reader.at += 1
  }
  return options[reader.pick(options.length)] ?? null
}

function sequence(reader: Reader): string | null {
  let result = ''
  while (reader.at < reader.text.length && !'|)'.includes(reader.text[reader.at] ?? '')) {
    const start = reader.at
    const first = atom(reader)
    if (first === null) return null
    const end = reader.at
    const times = count(reader)
    const after = reader.at
    for (let time = 0; time < times; time += 1) {
      // Reads the atom again, so that each repetition is chosen anew.
      reader.at = start
      result += atom(reader) ?? ''
    }
    reader.at = Math.max(end, after)
  }
  return result
}

const classes: Readonly<Record<string, string>> = {
  d: '0123456789',
  w: 'abcdefghijklmnopqrstuvwxyz',
  s: ' ',
}
const anyCharacter = 'abcdefghijklmnopqrstuvwxyz'

function atom(reader: Reader): string | null {
  const character = reader.text[reader.at] ?? ''
  reader.at += 1
  if (character === '^' || character === '$') return ''
  if (character === '.') return choose(reader, anyCharacter)
  if (character === '[') return bracket(reader)
  if (character === '\\') {
    const escaped = reader.text[reader.at] ?? ''
    reader.at += 1
    if (/[a-zA-Z0-9]/.test(escaped)) {
      const set = classes[escaped]
      return set === undefined ? null : choose(reader, set)
    }
    return escaped
  }
  if (character !== '(') return '*+?{'.includes(character) ? null : character
  if (reader.text.startsWith('?:', reader.at)) reader.at += 2
  else if (reader.text[reader.at] === '?') return null
  const inner = alternatives(reader)
  if (reader.text[reader.at] !== ')') return null
  reader.at += 1
  return inner
}

/** How often to repeat: the least, but more than nothing where that is allowed. */
function count(reader: Reader): number {
  const rest = reader.text.slice(reader.at)
  const match = /^(?:\*|\+|\?|\{(\d+)(,(\d*))?\})\??/.exec(rest)
  if (match === null) return 1
  reader.at += match[0].length
  if (match[1] === undefined) return match[0].startsWith('?') ? 0 : 4
  const least = Number(match[1])
  const most = match[2] === undefined ? least : match[3] === '' ? least + 4 : Number(match[3])
  return Math.min(most, Math.max(least, 4))
}

const named: Readonly<Record<string, string>> = {
  alpha: anyCharacter,
  lower: anyCharacter,
  upper: anyCharacter.toUpperCase(),
  digit: '0123456789',
  alnum: `${anyCharacter}0123456789`,
  space: ' ',
  xdigit: '0123456789abcdef',
}

function bracket(reader: Reader): string | null {
  const negated = reader.text[reader.at] === '^'
  if (negated) reader.at += 1
  let set = ''
  for (let first = true; first || reader.text[reader.at] !== ']'; first = false) {
    const name = /^\[:(\w+):\]/.exec(reader.text.slice(reader.at))
    const range = /^([^\\])-([^\]\\])/.exec(reader.text.slice(reader.at))
    if (reader.at >= reader.text.length) return null
    if (name !== null) {
      set += named[name[1] ?? ''] ?? ''
      reader.at += name[0].length
    } else if (range !== null) {
      set += span(range[1] ?? '', range[2] ?? '')
      reader.at += 3
    } else if (reader.text[reader.at] === '\\') {
      const escaped = reader.text[reader.at + 1] ?? ''
      set += classes[escaped] ?? escaped
      reader.at += 2
    } else {
      set += reader.text[reader.at] ?? ''
      reader.at += 1
    }
  }
  reader.at += 1
  if (!negated) return choose(reader, set)
  return choose(
    reader,
    [...`${anyCharacter}0123456789`].filter((each) => !set.includes(each)).join(''),
  )
}

function span(from: string, to: string): string {
  let result = ''
  for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code += 1) {
    result += String.fromCharCode(code)
  }
  return result
}

function choose(reader: Reader, set: string): string | null {
  return set === '' ? null : (set[reader.pick(set.length)] ?? null)
}
