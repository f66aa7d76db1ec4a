import { Button, NativeSelect, Stack, Text, useMantineColorScheme } from '@mantine/core'
import type { ReactNode } from 'react'
import { useSession } from '../session/session.js'
import { RemainingTime } from './remaining-time.js'

const schemes = [
  { value: 'auto', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const

/** Who is signed in, how the console looks to them, and the way out. */
export function AccountPanel(): ReactNode {
  const { session, endsAt, signOut } = useSession()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Stack gap="sm" p="xs">
      <div>
        <Text size="sm" fw={600}>
          {session.user.displayName}
        </Text>
        <Text size="xs" c="dimmed">
          {session.user.email}
        </Text>
      </div>
      <Text size="xs">
        Signed in for <RemainingTime until={endsAt} /> more; the console renews that while you work.
      </Text>
      <NativeSelect
        label="Colours"
        size="xs"
        value={colorScheme}
        data={schemes}
        onChange={({ currentTarget }) => {
          const chosen = schemes.find(({ value }) => value === currentTarget.value)
          setColorScheme(chosen?.value ?? 'auto')
        }}
      />
      <Button size="xs" variant="default" onClick={signOut}>
        Sign out
      </Button>
    </Stack>
  )
}
