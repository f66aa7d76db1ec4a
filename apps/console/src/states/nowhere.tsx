import { Anchor, Button, Container, Group, List, Stack, Text, Title } from '@mantine/core'
import { lazy, Suspense } from 'react'
import type { ReactNode } from 'react'
import { baseOf } from '../session/place.js'
import type { PlacedSession } from '../session/session.js'
import { Loading } from './loading.js'

const OwnRequests = lazy(async () => {
  const { OwnRequests: Section } = await import('../pages/platform/own-requests.js')
  return { default: Section }
})

/** The address names a tenant, unit or window that is not the caller's, whether it exists or not. */
export function Nowhere({ placed }: { readonly placed: PlacedSession }): ReactNode {
  const { session, signOut } = placed
  const tenants = session.tenants.filter(({ status }) => status === 'active')
  return (
    <Container size="xs" py="xl" component="main">
      <Stack>
        <Title order={1} size="h3">
          {placed.place.kind === 'start'
            ? 'You belong to no organisation yet'
            : 'This is not yours'}
        </Title>
        <Text>
          You are signed in as {session.user.email}.{' '}
          {placed.place.kind === 'start'
            ? 'An invitation lets you into one; or ask for one of your own.'
            : 'The address names nothing that you may enter.'}
        </Text>
        {tenants.length > 0 && (
          <List>
            {tenants.map(({ id, slug, name }) => (
              <List.Item key={id}>
                <Anchor href={`${baseOf({ kind: 'member', tenant: slug, orgUnitId: null })}/`}>
                  {name}
                </Anchor>
              </List.Item>
            ))}
          </List>
        )}
        {placed.place.kind === 'start' && (
          <Suspense fallback={<Loading />}>
            <OwnRequests />
          </Suspense>
        )}
        <Group>
          <Button variant="default" component="a" href="/public/">
            Public events
          </Button>
          <Button variant="default" onClick={signOut}>
            Sign out
          </Button>
        </Group>
      </Stack>
    </Container>
  )
}
