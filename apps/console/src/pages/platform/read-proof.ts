/** Rows of a table of an erased tenant. */
export interface ErasedTable {
  readonly table: string
  readonly before: number
  readonly deleted: number
  readonly after: number
}

/** What the proof of an erasure says. */
export interface ReadProof {
  readonly tables: readonly ErasedTable[]
  /** Position and hash of the last entry of the tenant's audit log. */
  readonly chain: { readonly position: number; readonly hash: string } | null
}

type Counts = Readonly<Record<string, number>>

/** Reads the JSON of a proof: tables that had rows first, each part by name. */
export function readProof(proof: string): ReadProof {
  const said = JSON.parse(proof) as {
    readonly before: Counts
    readonly deleted: Counts
    readonly after: Counts
    readonly auditChain: { readonly position: number | null; readonly hash: string | null }
  }
  const names = new Set([said.before, said.deleted, said.after].flatMap(Object.keys))
  const tables = [...names].map((table) => ({
    table,
    before: said.before[table] ?? 0,
    deleted: said.deleted[table] ?? 0,
    after: said.after[table] ?? 0,
  }))
  const hadRows = ({ before, deleted }: ErasedTable): number => Number(before + deleted > 0)
  tables.sort((a, b) => hadRows(b) - hadRows(a) || a.table.localeCompare(b.table, 'en'))
  const { position, hash } = said.auditChain
  return { tables, chain: position === null || hash === null ? null : { position, hash } }
}
