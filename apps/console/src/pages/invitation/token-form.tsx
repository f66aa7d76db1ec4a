import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import type { FormEvent, ReactNode } from 'react'

/** For who was given the token of an invitation, and not its link. */
export function TokenForm({ onToken }: { readonly onToken: (token: string) => void }): ReactNode {
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const token = new FormData(event.currentTarget).get('token')
    if (typeof token === 'string' && token.trim() !== '') onToken(token.trim())
  }
  return (
    <Stack gap="sm">
      <Text>Type or paste the token that you were sent.</Text>
      <form onSubmit={submit}>
        <Group align="flex-end">
          <TextInput
            name="token"
            label="Token"
            required
            maxLength={200}
            autoComplete="off"
            flex="1 1 16rem"
          />
          <Button type="submit">Look at it</Button>
        </Group>
      </form>
    </Stack>
  )
}
