import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Remaining } from './remaining-rows.js'

/** One table of an erasure. */
export interface ErasedTable {
  readonly table: string
  /** Rows of the tenant before, and after: always 0 unless nothing was to be erased. */
  readonly before: number
  readonly deleted: number
  readonly after: number
}

/** Proof of what was erased, and of what was looked for and not found afterwards. */
export interface ErasureReport {
  readonly format: 'watertight erasure report 1'
  readonly tenantId: string
  readonly tenantName: string
  /** True when nothing was erased: the counts are what would be. */
  readonly isDryRun: boolean
  /** Why nothing may be erased; null without a legal hold. */
  readonly legalHold: string | null
  readonly server: { readonly version: string; readonly database: string }
  readonly startedAt: string
  readonly finishedAt: string
  /** In the order of deletion. */
  readonly tables: readonly ErasedTable[]
  /** Looked for by the catalog alone, before the transaction was committed. */
  readonly remaining: readonly Remaining[]
  /** Tables of the model that hold no rows of tenants, and were left as they are. */
  readonly untouched: readonly string[]
  /** SHA-256 of the report without this field and the next, as JSON. */
  readonly sha256: string
  /** HMAC-SHA-256 of the same, where a key was given. */
  readonly signature: string | null
}

type Content = Omit<ErasureReport, 'sha256' | 'signature'>

/** Seals the content of a report: who changes it later has to change the digest as well. */
export function signReport(content: Content, key: Uint8Array | null): ErasureReport {
  const text = JSON.stringify(content)
  return {
    ...content,
    sha256: createHash('sha256').update(text).digest('hex'),
    signature: key === null ? null : createHmac('sha256', key).update(text).digest('hex'),
  }
}

/**
 * Whether a report is as it was made; with the key also, by whom.
 *
 * @example isGenuineReport(JSON.parse(await readFile('erasure.json', 'utf8')), key)
 */
export function isGenuineReport(report: ErasureReport, key: Uint8Array | null = null): boolean {
  const { sha256, signature, ...content } = report
  const genuine = signReport(content, key)
  if (genuine.sha256 !== sha256) return false
  if (key === null) return true
  const expected = Buffer.from(genuine.signature ?? '')
  const given = Buffer.from(signature ?? '')
  return expected.length === given.length && timingSafeEqual(expected, given)
}
