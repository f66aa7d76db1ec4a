/** How a terminal shows things. */
export interface RenderOptions {
  readonly color: boolean
  /** Columns of the terminal. */
  readonly width: number
  /** False for terminals that are not UTF-8: ASCII symbols only. */
  readonly unicode: boolean
  /** True for terminals that make OSC 8 links clickable; addresses are printed in any case. */
  readonly links?: boolean
}

export type Tone = 'red' | 'yellow' | 'green' | 'dim' | 'bold'

const codes: Readonly<Record<Tone, number>> = { red: 31, yellow: 33, green: 32, dim: 2, bold: 1 }

/** Colours a text, or leaves it alone. */
export function painter(options: RenderOptions): (tone: Tone, text: string) => string {
  return (tone, text) => (options.color ? `\u001B[${codes[tone]}m${text}\u001B[0m` : text)
}

/** Control characters replaced: names come from the checked database, not from us. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/gu, (character) =>
    character === '\n' ? ' ' : '\uFFFD',
  )
}

/** Cuts the middle out of a text that is longer than `width`. */
export function fit(text: string, width: number, options: RenderOptions): string {
  if (text.length <= width) return text.padEnd(width)
  const mark = options.unicode ? '…' : '...'
  const left = Math.ceil((width - mark.length) / 2)
  const right = Math.floor((width - mark.length) / 2)
  return text.slice(0, left) + mark + text.slice(text.length - right)
}

/** Breaks a text at spaces so that no line is longer than `width`, words permitting. */
export function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, indent + line]
}

/** An address, clickable where the terminal can. */
export function linked(address: string, options: RenderOptions): string {
  const shown = printable(address)
  return options.links === true ? `\u001B]8;;${shown}\u001B\\${shown}\u001B]8;;\u001B\\` : shown
}
