import type { Screen } from '../terminal/screen.js'

/** Writes the one JSON document of a command, printable as it is in any terminal. */
export function writeJson(screen: Screen, value: unknown): void {
  // Escaped: bidirectional controls, C1 and everything else a terminal might obey.
  const text = JSON.stringify(value, null, 2).replaceAll(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  screen.write(`${text}\n`)
}
