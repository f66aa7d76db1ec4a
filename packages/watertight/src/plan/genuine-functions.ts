import type { CatalogSnapshot } from '../catalog/index.js'
import type { TenancyModel } from '../model/index.js'
import { isSameFunction, kernelSchema } from './kernel/function-shape.js'
import { kernelFunctions } from './kernel/kernel-functions.js'
import { kernelOwner } from './planning.js'

/**
 * Names of the functions of schema `watertight` that are exactly what the model's isolation layer
 * has: body, arguments, result, volatility, security, settings and owner. A name that several
 * functions share is never among them.
 *
 * @example
 * ```ts
 * genuineFunctions(model, await readCatalog(db)).has('tenant_id')
 * ```
 */
export function genuineFunctions(
  model: TenancyModel,
  snapshot: CatalogSnapshot,
): ReadonlySet<string> {
  const owner = kernelOwner({ model, snapshot })
  const shapes = kernelFunctions({ model, snapshot })
  const genuine = shapes.filter((shape) => {
    const [info, ...overloads] = snapshot.functions.filter(
      ({ schema, name }) => schema === kernelSchema && name === shape.name,
    )
    if (info === undefined || overloads.length > 0) return false
    const isPlain = info.kind === 'function' && !info.returnsSet && !info.strict
    return isPlain && info.owner === owner && isSameFunction(info, shape)
  })
  return new Set(genuine.map(({ name }) => name))
}
