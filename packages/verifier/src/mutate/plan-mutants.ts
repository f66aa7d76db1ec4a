import type { CatalogSnapshot } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'
import { loadParser } from '../expr/index.js'
import { accessOf } from '../graph/access.js'
import { classify } from '../graph/classify.js'
import { objectName } from '../graph/object-name.js'
import { functionMutants } from './kinds/functions.js'
import { policyMutants } from './kinds/policies.js'
import { rightMutants } from './kinds/rights.js'
import { tableMutants } from './kinds/tables.js'
import { mutantOf } from './mutant.js'
import type { Mutant, MutantDraft, MutationSubject } from './mutant.js'

const kinds: readonly ((subject: MutationSubject) => readonly MutantDraft[])[] = [
  policyMutants,
  tableMutants,
  functionMutants,
  rightMutants,
]

/** Every small fault that the isolation layer of a database could have and does not. Pure. */
export async function planMutants(
  model: TenancyModel,
  catalog: CatalogSnapshot,
): Promise<readonly Mutant[]> {
  await loadParser()
  const subject = subjectOf(model, catalog)
  const mutants = kinds.flatMap((kind) => kind(subject)).map(mutantOf)
  const known = new Set<string>()
  return mutants.filter(({ up }) => {
    const text = up.join(';')
    if (known.has(text)) return false
    known.add(text)
    return true
  })
}

function subjectOf(model: TenancyModel, catalog: CatalogSnapshot): MutationSubject {
  const access = accessOf(catalog)
  const { get } = classify(model, catalog)
  // What watertight itself keeps is guarded by its own tests.
  const relations = catalog.relations.filter(
    ({ kind, schema }) =>
      (kind === 'table' || kind === 'partitioned-table') && schema !== 'watertight',
  )
  const tables = relations
    .filter(({ rls, policies }) => rls.enabled || policies.length > 0)
    .map((relation) => {
      const name = objectName(relation)
      return { relation, name, tenantColumn: get(name)?.tenantColumn ?? null }
    })
  const owners = new Set(tables.map(({ relation }) => relation.owner))
  const grantees = tables.flatMap(({ relation }) =>
    [...relation.acl, ...relation.columns.flatMap(({ acl }) => acl)]
      .filter(({ isPublic }) => !isPublic)
      .map(({ grantee }) => grantee),
  )
  const roles = [...new Set(grantees)]
    .filter((name) => !owners.has(name) && !access.isSuperuser(name))
    .filter((name) => catalog.roles.some((role) => role.name === name))
    .toSorted()
  return { catalog, access, tables, roles }
}
