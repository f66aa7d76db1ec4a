import { createStyle } from './style.js'
import type { Device, Style, Variables } from './style.js'

/** A stream that text is written to. */
export interface TextSink extends Device {
  write(text: string): unknown
}

/** One output stream and how it may look. */
export interface Screen {
  readonly isTerminal: boolean
  readonly style: Style
  /** Writes text as it is. */
  write(text: string): void
  /** Writes lines, each with its line break. */
  lines(...lines: readonly string[]): void
}

/** Wraps a stream such as `process.stderr`. */
export function createScreen(sink: TextSink, variables: Variables): Screen {
  const write = (text: string): void => void sink.write(text)
  return {
    isTerminal: sink.isTTY === true,
    style: createStyle(sink, variables),
    write,
    lines: (...lines) => write(lines.map((line) => `${line}\n`).join('')),
  }
}
