import { sql } from 'watertight/sql'
import type { TransactionVerbs } from 'watertight/runtime'
import { entryHash } from './audit-entry.js'

/** What is wrong at the first broken place of a chain. */
export type ChainFault =
  /** A column of the entry is not what was written. */
  | 'altered'
  /** The entry that should be at this position is not there. */
  | 'missing'
  /** A second entry at a position. */
  | 'repeated'
  /** The entry does not follow from the one before it. */
  | 'unlinked'
  /** The chain ends before its head says, or there is no head. */
  | 'truncated'
  /** The chain is whole, but the caller has seen another one. */
  | 'replaced'

/** The end of a chain: what a caller can keep elsewhere and compare later. */
export interface ChainAnchor {
  readonly position: number
  /** SHA-256 in hexadecimal. */
  readonly hash: string
}

/** The result of following a chain from its first entry on. */
export interface ChainVerdict {
  readonly intact: boolean
  /** Entries that hold. */
  readonly verified: number
  readonly fault: { readonly position: number; readonly kind: ChainFault } | null
  /** The last entry that holds; null for an empty chain. */
  readonly head: ChainAnchor | null
}

interface Link {
  readonly position: string
  readonly previous_hash: string | null
  readonly entry_hash: string
  readonly computed: string
  readonly head_position: string | null
  readonly head_hash: string | null
}

const e = sql`e`

// One statement, so that entries and head are those of the same moment.
const links = sql`
  select e.chain_position::text as position, encode(e.previous_hash, 'hex') as previous_hash,
    encode(e.entry_hash, 'hex') as entry_hash,
    encode(${entryHash(e, sql`e.chain_position`, sql`e.previous_hash::bytea`)}, 'hex') as computed,
    (select h.chain_position::text from ops.audit_heads h where h.tenant_id = $1) as head_position,
    (select encode(h.entry_hash, 'hex') from ops.audit_heads h where h.tenant_id = $1) as head_hash
  from ops.audit_log e where e.tenant_id = $1
  order by e.chain_position, e.occurred_at`.text

const headOf = `
  select chain_position::text as head_position from ops.audit_heads where tenant_id = $1`

/**
 * Follows the chain of a tenant from its first entry to its head, in batches, and stops at the first
 * fault. With the anchor of an earlier verification it also finds a chain that was written anew.
 *
 * @param tx reads every column: of a member who may, or in mode `worker`; auditors' are redacted
 */
export async function verifyChain(
  tx: TransactionVerbs,
  tenantId: string,
  anchor: ChainAnchor | null = null,
): Promise<ChainVerdict> {
  const { rows } = await tx.query<Pick<Link, 'head_position'>>(headOf, [tenantId])
  let headPosition = rows[0]?.head_position ?? null
  let headHash: string | null = null
  let last: ChainAnchor | null = null
  let isAnchored = anchor === null
  const broken = (position: number, kind: ChainFault): ChainVerdict => ({
    intact: false,
    verified: last?.position ?? 0,
    fault: { position, kind },
    head: last,
  })
  for await (const link of tx.stream<Link>(links, [tenantId], { batchSize: 1000 })) {
    const position = Number(link.position)
    const expected: number = (last?.position ?? 0) + 1
    if (position !== expected) {
      return broken(expected, position < expected ? 'repeated' : 'missing')
    }
    if (link.computed !== link.entry_hash) return broken(position, 'altered')
    if (link.previous_hash !== (last?.hash ?? null)) return broken(position, 'unlinked')
    last = { position, hash: link.entry_hash }
    isAnchored ||= anchor?.position === position && anchor.hash === last.hash
    headPosition = link.head_position
    headHash = link.head_hash
  }
  const end: number = (last?.position ?? 0) + 1
  if (last === null) {
    if (headPosition !== null || !isAnchored) return broken(1, 'truncated')
    return { intact: true, verified: 0, fault: null, head: null }
  }
  if (Number(headPosition ?? 0) !== last.position) return broken(end, 'truncated')
  if (headHash !== last.hash) return broken(last.position, 'unlinked')
  if (!isAnchored) {
    const wasCut = anchor !== null && anchor.position > last.position
    return broken(anchor?.position ?? end, wasCut ? 'truncated' : 'replaced')
  }
  return { intact: true, verified: last.position, fault: null, head: last }
}
