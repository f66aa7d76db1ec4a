import type { CatalogSnapshot } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'
import { accessOf } from '../graph/access.js'
import { classify } from '../graph/classify.js'
import { kernelOf } from './context/kernel.js'
import type { KernelMeaning, Subject } from './encode/encoding.js'

/** What proofs look at, from a model and a snapshot. */
export function subjectOf(
  model: TenancyModel,
  catalog: CatalogSnapshot,
  kernel?: KernelMeaning,
): Subject {
  const access = accessOf(catalog)
  return {
    catalog,
    model,
    tables: classify(model, catalog),
    access,
    kernel: kernel ?? kernelOf(model, catalog, access),
  }
}
