import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { ZipFile } from 'yazl'

/** Where the files of an archive go, one after the other. */
export interface ArchiveSink {
  open(name: string): Promise<ArchiveFile>
}

/** A file that is being written. */
export interface ArchiveFile {
  /** Resolves when more may be written. */
  write(content: string | Uint8Array): Promise<void>
  close(): Promise<void>
}

/** One and the same, so that the archive depends on its files alone. */
const mtime = new Date('2000-01-01T00:00:00Z')

/**
 * The bytes of a zip archive of the files that `fill` writes, one after the other, as they are written:
 * whoever writes waits for whoever reads, so that no file is ever held whole. When `fill` fails the
 * archive ends with its error; when the reader leaves, whatever `fill` writes next is refused.
 *
 * @example for await (const chunk of zipped((sink) => writeFiles(sink))) await file.write(chunk)
 */
export async function* zipped(
  fill: (sink: ArchiveSink) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  const zip = new ZipFile()
  // A stream of its own, for its end with an error must not wait until there is more to read.
  const output = zip.outputStream.pipe(new PassThrough())
  zip.on('error', (error: Error) => output.destroy(error))
  const left = new AbortController()
  const filled = fill(sinkOf(zip, left.signal)).then(
    () => zip.end(),
    (error: Error) => {
      output.destroy(error)
    },
  )
  try {
    for await (const chunk of output) yield chunk as Uint8Array
  } finally {
    left.abort()
    await filled
  }
}

function sinkOf(zip: ZipFile, signal: AbortSignal): ArchiveSink {
  return {
    async open(name) {
      signal.throwIfAborted()
      const entry = new PassThrough()
      zip.addReadStream(entry, name, { mtime })
      return fileOf(entry, signal)
    },
  }
}

function fileOf(entry: PassThrough, signal: AbortSignal): ArchiveFile {
  return {
    async write(content) {
      signal.throwIfAborted()
      if (!entry.write(content)) await once(entry, 'drain', { signal })
    },
    async close() {
      entry.end()
    },
  }
}
