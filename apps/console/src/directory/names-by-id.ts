import type { Api } from '../api/client.js'
import { createBatch } from './batch.js'

type Load = (id: string) => Promise<string | null>

/** What asks the API for objects by their ids. */
export interface IdQuery {
  /** Separated by commas. */
  readonly ids: string
  /** How many they are. */
  readonly limit: number
}

/** Reads names by id, those that are asked for at the same time with one request; a loader a place. */
export function namesById(
  read: (api: Api, query: IdQuery) => Promise<ReadonlyMap<string, string>>,
): (api: Api) => Load {
  const loaders = new WeakMap<Api, Load>()
  return (api) => {
    const known = loaders.get(api)
    if (known !== undefined) return known
    const load = createBatch((ids) => read(api, { ids: ids.join(','), limit: ids.length }))
    loaders.set(api, load)
    return load
  }
}
