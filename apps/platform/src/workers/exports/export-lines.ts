import { csvLine } from './csv.js'
import type { Dataset, ExportFormat } from './datasets.js'

/** Characters that are gathered before a chunk is passed on. */
const chunkLength = 65_536

/** The bytes of an export in chunks of some 64 KiB, and how many rows are in them so far. */
export interface ExportBytes {
  readonly chunks: AsyncIterable<Uint8Array>
  rowCount(): number
}

/** Writes rows, each the text of a JSON object, in a format. Never holds more than a chunk of them. */
export function exportBytes(
  rows: AsyncIterable<{ readonly line: string }>,
  dataset: Dataset,
  format: ExportFormat,
): ExportBytes {
  let count = 0
  const toLine = (line: string): string => {
    if (format === 'jsonl') return `${line}\n`
    const values = JSON.parse(line) as Readonly<Record<string, unknown>>
    return csvLine(dataset.columns.map((column) => values[column]))
  }
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let text = format === 'csv' ? csvLine(dataset.columns) : ''
    for await (const { line } of rows) {
      count += 1
      text += toLine(line)
      if (text.length >= chunkLength) {
        yield Buffer.from(text)
        text = ''
      }
    }
    if (text !== '') yield Buffer.from(text)
  }
  return { chunks: chunks(), rowCount: () => count }
}
