import createFetchClient from 'openapi-fetch'
import type { Client } from 'openapi-fetch'
import createQueryClient from 'openapi-react-query'
import type { OpenapiQueryClient } from 'openapi-react-query'
import { createContext, useContext } from 'react'
import type { paths } from './schema.js'

/** The API as the OpenAPI document types it: `fetch` for one call, `query` for hooks. */
export interface Api {
  readonly fetch: Client<paths>
  readonly query: OpenapiQueryClient<paths>
}

/** Makes the client over a transport. */
export function createApi(transport: (request: Request) => Promise<Response>): Api {
  const client = createFetchClient<paths>({ baseUrl: location.origin, fetch: transport })
  return { fetch: client, query: createQueryClient(client) }
}

/** The API of the document's place. */
export const ApiContext = createContext<Api | null>(null)

/** The API of the document's place, for one call; its errors are values. */
export function useApi(): Api {
  const api = useContext(ApiContext)
  if (api === null) throw new Error('there is no API outside of the console')
  return api
}

/** Hooks of TanStack Query over the API: `useQueries().useQuery('get', '/api/v1/assets', …)`. */
export function useQueries(): Api['query'] {
  return useApi().query
}
