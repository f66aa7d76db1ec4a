import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'

/** Where an export goes: one file after the other. */
export interface ExportSink {
  /** Starts a file; the one before has been closed. */
  open(name: string): Promise<ExportFile>
}

/** A file that is being written. */
export interface ExportFile {
  /** Resolves when more may be written. */
  write(text: string): Promise<void>
  close(): Promise<void>
}

/** Files in a directory, which is made for it and readable by its owner alone. */
export function directorySink(directory: string): ExportSink {
  return {
    async open(name) {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      // `wx`: an export never writes over another.
      const stream = createWriteStream(join(directory, name), { flags: 'wx', mode: 0o600 })
      const done = finished(stream)
      // Reported by the next call, not as an unhandled rejection.
      done.catch(() => undefined)
      return {
        async write(text) {
          if (!stream.write(text)) await Promise.race([once(stream, 'drain'), done])
        },
        async close() {
          stream.end()
          await done
        },
      }
    },
  }
}
