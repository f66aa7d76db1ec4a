import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { Announcements } from './announce/announcements.js'
import { ApiContext } from './api/client.js'
import type { Api } from './api/client.js'
import { problemOf } from './api/problem.js'
import type { PlacedUrl } from './session/place.js'
import type { PlacedSession } from './session/session.js'
import { SessionContext } from './session/session.js'
import { createPlaceRouter } from './shell/router.js'

/** The console at one place: its own API, cache and pages, which end with the document. */
export function ConsoleApp({
  api,
  at,
  placed,
}: {
  readonly api: Api
  readonly at: PlacedUrl
  readonly placed: PlacedSession | null
}): ReactNode {
  const [router] = useState(() => createPlaceRouter(at))
  return (
    <DocumentContext api={api} placed={placed}>
      <RouterProvider router={router} />
    </DocumentContext>
  )
}

/** What every part of a document reaches: its API and cache, who is signed in, and messages. */
export function DocumentContext({
  api,
  placed,
  children,
}: {
  readonly api: Api
  readonly placed: PlacedSession | null
  readonly children: ReactNode
}): ReactNode {
  const [queries] = useState(createQueryCache)
  return (
    <ApiContext value={api}>
      <SessionContext value={placed}>
        <QueryClientProvider client={queries}>
          <Announcements>{children}</Announcements>
        </QueryClientProvider>
      </SessionContext>
    </ApiContext>
  )
}

function createQueryCache(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // What the server refuses it refuses again; only what never answered is asked twice more.
        retry: (count, error) => count < 2 && [0, 503].includes(problemOf(error).status),
      },
    },
  })
}
