import { createHash } from 'node:crypto'
import type { TenancyModel } from 'watertight/model'

/** SHA-256 in hex over a model, whatever the order of its keys. Accepted findings are no part. */
export function modelHash(model: TenancyModel): string {
  const text = JSON.stringify({ ...model, accept: [] }, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
  return createHash('sha256').update(text).digest('hex')
}
