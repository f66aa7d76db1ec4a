import type { Script } from './script-file.js'

const sectionMarks = [
  // dbmate, goose and sql-migrate keep both directions in one file.
  { up: /^--\s*migrate:up\b/im, down: /^--\s*migrate:down\b/im },
  { up: /^--\s*\+goose\s+up\b/im, down: /^--\s*\+goose\s+down\b/im },
  { up: /^--\s*\+migrate\s+up\b/im, down: /^--\s*\+migrate\s+down\b/im },
]

/**
 * Blanks the reverse direction of a migration that holds both, so that line numbers stay. A file
 * without such marks is returned as it is, and so is Liquibase's but for the marks of its change
 * sets: these end a statement too.
 */
export function upSection(script: Script): Script {
  if (/^\s*--\s*liquibase formatted sql\b/i.test(script.text)) {
    const end = (mark: string): string => ';'.padEnd(mark.length)
    return { ...script, text: script.text.replaceAll(/^--\s*changeset\b[^\n]*/gim, end) }
  }
  for (const { up, down } of sectionMarks) {
    const upAt = up.exec(script.text)?.index
    const downAt = down.exec(script.text)?.index
    if (upAt === undefined || downAt === undefined) continue
    const [start, end] = upAt < downAt ? [downAt, script.text.length] : [downAt, upAt]
    const blanked = script.text.slice(start, end).replaceAll(/[^\n]/g, ' ')
    return { ...script, text: script.text.slice(0, start) + blanked + script.text.slice(end) }
  }
  return script
}
