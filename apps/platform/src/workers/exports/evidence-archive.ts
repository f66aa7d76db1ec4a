import { createHash } from 'node:crypto'
import type { Transaction } from 'watertight/runtime'
import type { Dataset, ExportFormat } from './datasets.js'
import { controls, evidence } from './datasets.js'
import { exportBytes } from './export-lines.js'
import type { ExportBytes } from './export-lines.js'
import { zipped } from './zipped.js'

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

/**
 * A zip archive of the evidence with its digests and of where the tenant stands with each control, and
 * last a manifest with the SHA-256 of each file. Written as it is read: no file is ever held whole.
 */
export function evidenceArchive(db: Transaction, bounds: Bounds): ExportBytes {
  const listed: ListedFile[] = []
  const chunks = zipped(async (sink) => {
    for (const [name, dataset, format] of files) {
      const rows = db.stream<{ line: string }>(dataset.query, bounds)
      const { chunks: content, rowCount } = exportBytes(rows, dataset, format)
      const file = await sink.open(name)
      const hash = createHash('sha256')
      let byteCount = 0
      for await (const chunk of content) {
        hash.update(chunk)
        byteCount += chunk.length
        await file.write(chunk)
      }
      await file.close()
      listed.push({ name, sha256: hash.digest('hex'), byteCount, rowCount: rowCount() })
    }
    const [since, until] = bounds
    const { tenantId } = db.context
    const content = { format: 'evidence archive 1', tenantId, since, until, files: listed }
    const manifest = await sink.open('manifest.json')
    await manifest.write(`${JSON.stringify(content, null, 2)}\n`)
    await manifest.close()
  })
  return { chunks, rowCount: () => listed[0]?.rowCount ?? 0 }
}
