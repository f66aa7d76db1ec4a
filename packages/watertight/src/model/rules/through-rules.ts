import type { Place } from '../parsing/place.js'
import type { TableDraft } from '../sections/tables.js'
import { formatTableName, tableKey } from '../table-name.js'
import type { TableName } from '../tenancy-model.js'

type Drafts = ReadonlyMap<string, TableDraft>

/** The ways in which a table leans on another: for its tenant, for its user and for being public. */
interface Chain {
  readonly parentOf: (draft: TableDraft) => TableName | null
  readonly placeOf: (draft: TableDraft) => Place
  readonly checkParent: (draft: TableDraft, parent: TableDraft) => void
}

const tenantChain: Chain = {
  parentOf: ({ declaration }) => declaration.through?.table ?? null,
  placeOf: ({ at }) => at.key('through'),
  checkParent: (draft, parent) => {
    if (parent.declaration.scope !== 'global') return
    const name = formatTableName(parent.table)
    draft.at.key('through').report(`${name} has scope "global" and so no tenant to take over`)
  },
}

const publicChain: Chain = {
  parentOf: ({ declaration }) => declaration.public?.through?.table ?? null,
  placeOf: ({ at }) => at.key('public').key('through'),
  checkParent: (draft, parent) => {
    if (parent.declaration.public !== null || parent.at.key('public').isFaulty) return
    const name = formatTableName(parent.table)
    draft.at.key('public').key('through').report(`${name} is not declared public itself`)
  },
}

const ownRowsChain: Chain = {
  parentOf: ({ declaration }) => declaration.ownRows?.through?.table ?? null,
  placeOf: ({ at }) => at.key('ownRows').key('through'),
  checkParent: (draft, parent) => {
    if (parent.declaration.ownRows !== null || parent.at.key('ownRows').isFaulty) return
    const name = formatTableName(parent.table)
    draft.at.key('ownRows').key('through').report(`${name} has no \`ownRows\` to take over`)
  },
}

/** The tables from `start` along the chain until it ends, leaves the model or closes. */
function walk(drafts: Drafts, chain: Chain, start: TableDraft): readonly TableDraft[] {
  const path: TableDraft[] = []
  let current: TableDraft | undefined = start
  while (current !== undefined && !path.includes(current)) {
    path.push(current)
    const parent = chain.parentOf(current)
    current = parent === null ? undefined : drafts.get(tableKey(parent))
  }
  if (current !== undefined) path.push(current)
  return path
}

function checkChain(drafts: Drafts, chain: Chain): void {
  const inKnownCycle = new Set<TableDraft>()
  for (const draft of drafts.values()) {
    const parentName = chain.parentOf(draft)
    if (parentName === null) continue
    const parent = drafts.get(tableKey(parentName))
    if (parent === undefined) {
      const place = chain.placeOf(draft)
      if (!place.isFaulty) {
        place.report(`${formatTableName(parentName)} is not declared in \`tables\``)
      }
      continue
    }
    chain.checkParent(draft, parent)
    const path = walk(drafts, chain, draft)
    // Only a table that the walk comes back to is in the cycle; others merely lead into it.
    if (path.length < 2 || path.at(-1) !== draft || inKnownCycle.has(draft)) continue
    for (const member of path) inKnownCycle.add(member)
    const names = path.map(({ table }) => formatTableName(table))
    chain.placeOf(draft).report(`goes round in a circle: ${names.join(' → ')}`)
  }
}

/** Reports parents that are not declared or have nothing to take over, and circles. */
export function checkThroughChains(drafts: Drafts): void {
  checkChain(drafts, tenantChain)
  checkChain(drafts, ownRowsChain)
  checkChain(drafts, publicChain)
}
