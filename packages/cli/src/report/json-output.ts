import type { Screen } from '../terminal/screen.js'

/** Writes the one JSON document of a command, printable as it is in any terminal. */
export function writeJson(screen: Screen, value: unknown): void {
  screen.write(`${printableJson(JSON.stringify(value, null, 2))}\n`)
}

/** JSON text with bidirectional controls, C1 and all else that a terminal might obey escaped. */
export function printableJson(text: string): string {
  return text.replaceAll(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
