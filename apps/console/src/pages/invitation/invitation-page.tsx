import { Anchor, Container, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { OfferedMembership } from './offered-membership.js'
import { TokenForm } from './token-form.js'

/** Where the link of an invitation leads: who signed in sees what it is, and accepts it or not. */
export function Page(): ReactNode {
  // Behind the `#` the token is sent to no server with the address.
  const [token, setToken] = useState(() => location.hash.slice(1))
  return (
    <Container size="sm" py="xl" component="main" id="content" tabIndex={-1}>
      <Stack gap="lg">
        <Title order={1} size="h2">
          Invitation
        </Title>
        {token === '' ? (
          <TokenForm onToken={setToken} />
        ) : (
          <OfferedMembership token={token} onOther={() => setToken('')} />
        )}
        <Text size="sm">
          <Anchor href="/">Go to the console without it</Anchor>
        </Text>
      </Stack>
    </Container>
  )
}
