import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Transaction } from 'watertight/runtime'
import { ZipFile } from 'yazl'
import type { Dataset, ExportFormat } from './datasets.js'
import { controls, evidence } from './datasets.js'
import { exportBytes } from './export-lines.js'
import type { ExportBytes } from './export-lines.js'

/** A file of an archive, as its manifest lists it. */
interface ListedFile {
  readonly name: string
  readonly sha256: string
  readonly byteCount: number
  readonly rowCount: number
}

type Bounds = readonly [string | null, string | null]

const files: readonly (readonly [name: string, dataset: Dataset, format: ExportFormat])[] = [
  ['evidence.jsonl', evidence, 'jsonl'],
  ['evidence.csv', evidence, 'csv'],
  ['controls.csv', controls, 'csv'],
]

/** One and the same, so that the archive depends on its rows alone. */
const mtime = new Date('2000-01-01T00:00:00Z')

/**
 * A zip archive of the evidence with its digests and of where the tenant stands with each control, and
 * last a manifest with the SHA-256 of each file. Written as it is read: no file is ever held whole.
 */
export function evidenceArchive(db: Transaction, bounds: Bounds): ExportBytes {
  const listed: ListedFile[] = []
  async function* measured(name: string, dataset: Dataset, format: ExportFormat): Chunks {
    const rows = db.stream<{ line: string }>(dataset.query, bounds)
    const { chunks, rowCount } = exportBytes(rows, dataset, format)
    const hash = createHash('sha256')
    let byteCount = 0
    for await (const chunk of chunks) {
      hash.update(chunk)
      byteCount += chunk.length
      yield chunk
    }
    listed.push({ name, sha256: hash.digest('hex'), byteCount, rowCount: rowCount() })
  }
  async function* manifest(): Chunks {
    const [since, until] = bounds
    const { tenantId } = db.context
    const content = { format: 'evidence archive 1', tenantId, since, until, files: listed }
    yield Buffer.from(`${JSON.stringify(content, null, 2)}\n`)
  }
  async function* chunks(): Chunks {
    const zip = new ZipFile()
    const output = Readable.from(zip.outputStream)
    // A file that cannot be read ends the archive, rather than leaving one that looks whole.
    zip.on('error', (error: Error) => output.destroy(error))
    // INVARIANT: yazl reads one file after the other, so there is one cursor at a time, and the
    // manifest is written when every other file has been.
    for (const [name, dataset, format] of files) {
      zip.addReadStream(Readable.from(measured(name, dataset, format)), name, { mtime })
    }
    zip.addReadStream(Readable.from(manifest()), 'manifest.json', { mtime })
    zip.end()
    for await (const chunk of output) yield chunk as Uint8Array
  }
  return { chunks: chunks(), rowCount: () => listed[0]?.rowCount ?? 0 }
}

type Chunks = AsyncGenerator<Uint8Array>
