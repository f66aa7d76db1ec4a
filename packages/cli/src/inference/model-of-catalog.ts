import type { CatalogSnapshot } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'

/** The model to work with where none is declared: what the catalog shows, plain settings otherwise. */
export async function modelOfCatalog(catalog: CatalogSnapshot): Promise<TenancyModel> {
  const { inferModel } = await import('./infer-model.js')
  const { parseModel } = await import('watertight/model')
  const { input } = inferModel(catalog)
  const hasKernel = catalog.relations.some(
    ({ schema, name }) => schema === 'watertight' && name === 'signing_keys',
  )
  return parseModel(
    input.context === undefined && !hasKernel
      ? { ...input, context: { kind: 'guc', tenant: 'app.tenant_id', user: 'app.user_id' } }
      : input,
  )
}
