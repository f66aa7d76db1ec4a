import type { RawAclItem } from './queries/fragments.js'
import type { AclItem } from './snapshot.js'
import { sortedBy } from './sort.js'

/** Turns raw ACLs into sorted items. */
export type AclReader = (raw: readonly RawAclItem[] | null) => readonly AclItem[]

/** An {@link AclReader} that returns equal ACLs as one object: most tables of a schema share one. */
export function createAclReader(): AclReader {
  const known = new Map<string, readonly AclItem[]>()
  return (raw) => {
    const key = JSON.stringify(raw ?? [])
    const seen = known.get(key)
    if (seen !== undefined) return seen
    const items = sortedBy((raw ?? []).map(aclItem), (item) => [
      item.isPublic ? '' : item.grantee,
      item.privilege,
      item.grantor,
    ])
    known.set(key, items)
    return items
  }
}

function aclItem([grantee, grantor, privilege, grantable]: RawAclItem): AclItem {
  return {
    grantee: grantee ?? 'PUBLIC',
    isPublic: grantee === null,
    grantor,
    privilege,
    grantable,
  }
}
