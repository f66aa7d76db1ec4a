import type { CatalogSnapshot } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'
import type { Inference } from './inference.js'

/** A model that nobody declared, and what it was read off. */
export interface FoundModel extends Pick<Inference, 'because' | 'unclassified'> {
  readonly model: TenancyModel
}

/**
 * The model to work with where none is declared: what policies compare with the context; names of
 * columns and plain settings where there are no such policies.
 */
export async function modelOfCatalog(catalog: CatalogSnapshot): Promise<FoundModel> {
  const { inferModel: inferFromPolicies, loadParser } = await import('@watertight/verifier')
  const { inferModel } = await import('./infer-model.js')
  const { parseModel } = await import('watertight/model')
  await loadParser()
  const policies = inferFromPolicies(catalog)
  const { input, because, unclassified } = inferModel(catalog, policies)
  const isSigned = policies.model.context.kind === 'signed'
  // Tables stay as they are: the verifier classifies them by the key, and says what it cannot.
  if (policies.isCompared && !isSigned) return { model: policies.model, because, unclassified }
  const isGuess = input.context === undefined && !isSigned
  if (!isGuess) return { model: parseModel(input), because, unclassified }
  const context = { kind: 'guc', tenant: 'app.tenant_id', user: 'app.user_id' } as const
  const reason = 'no policy reads one; the setting app.tenant_id is assumed'
  return {
    model: parseModel({ ...input, context }),
    because: [...because, { path: 'context', reason }],
    unclassified,
  }
}
