import type { IncomingMessage } from 'node:http'

/** Characters that are kept of a response; the bound of the column. */
const maxExcerpt = 2000
/** Bytes that are read of one: enough for the excerpt in any encoding. */
const maxBytes = maxExcerpt * 4

/**
 * The start of a body as text. Reading stops there, however much the other side has to say, and a
 * body that breaks off is as good as one that ends: the status has been seen.
 */
export async function readExcerpt(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= maxBytes) break
    }
  } catch {
    // Broken off or out of time: what came is what is kept.
  }
  return toExcerpt(Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8'))
}

/** Text that PostgreSQL takes and a console can show: bounded, without control characters. */
function toExcerpt(text: string): string {
  const shown = text.replaceAll(/[^\P{Cc}\t\n]/gu, ' ')
  return [...shown].slice(0, maxExcerpt).join('')
}
