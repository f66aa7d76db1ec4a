import { Center, Loader, Stack, Title } from '@mantine/core'
import { Suspense, useContext, useEffect } from 'react'
import type { ReactNode } from 'react'
import type { PageRoute } from '../pages/page-route.js'
import { SessionContext } from '../session/session.js'
import { NoPermission } from '../states/no-permission.js'

/** Titles the document, and shows the page, its loading, or that the role does not reach it. */
export function PageFrame({
  page: { title, capability },
  children,
}: {
  readonly page: PageRoute
  readonly children: ReactNode
}): ReactNode {
  const placed = useContext(SessionContext)
  const where = placed?.session.tenant?.name ?? 'watertight'
  useEffect(() => {
    document.title = `${title} · ${where}`
  }, [title, where])
  const isReached = capability === null || placed?.session.capabilities.includes(capability)
  if (isReached !== true) {
    return (
      <Stack>
        <Title order={1} size="h2">
          {title}
        </Title>
        <NoPermission capability={capability ?? ''} />
      </Stack>
    )
  }
  return (
    <Suspense
      fallback={
        <Center py="xl">
          <Loader aria-label="Loading the page" />
        </Center>
      }
    >
      {children}
    </Suspense>
  )
}
