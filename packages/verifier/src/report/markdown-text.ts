import { printable } from './style.js'
import { escapeMarkup } from './xml.js'

/**
 * Text in Markdown as GitHub renders it, with nothing of it obeyed: no markup, no mention, no
 * reference to an issue, no link.
 */
export function markdownText(text: string): string {
  return escapeMarkup(text)
    .replaceAll(/[\r\n\t]+/g, ' ')
    .replaceAll(/[\\`*_{}[\]()!|~]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll('://', '&#58;//')
    .replaceAll(/\bwww\./gi, (found) => `${found.slice(0, 3)}&#46;`)
    .replaceAll(/(?<!&)#(?=\w)/g, '&#35;\u200b')
    .replaceAll('@', '&#64;\u200b')
}

/** A name set in code, where GitHub looks for no mentions. */
export function markdownCode(text: string): string {
  return `<code>${markdownText(text)}</code>`
}

/** A block of SQL whose fence no text inside can close. */
export function sqlBlock(text: string): string {
  const safe = text
    .split('\n')
    .map((line) => printable(line).replace(/^(\s*)::/, '$1\u200b::'))
    .join('\n')
    .replaceAll('##[', '##\u200b[')
  const runs = text.match(/`+/g)?.map((run) => run.length) ?? []
  const fence = '`'.repeat(Math.max(3, ...runs.map((length) => length + 1)))
  return `${fence}sql\n${safe}\n${fence}`
}
