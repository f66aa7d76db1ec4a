import { Notification, Stack } from '@mantine/core'
import { createContext, useCallback, useContext, useState } from 'react'
import type { ReactNode } from 'react'
import classes from './announcements.module.css'

interface Announcement {
  readonly id: number
  readonly text: string
  readonly isProblem: boolean
}

type Announce = (text: string, isProblem?: boolean) => void

const AnnounceContext = createContext<Announce>(() => undefined)

/** Says what came of an action, to eyes and to screen readers. */
export function useAnnounce(): Announce {
  return useContext(AnnounceContext)
}

/** How long a message stays, in milliseconds; problems stay until they are closed. */
const shownFor = 6000

let lastId = 0

/** The place for messages, in a corner of every page. */
export function Announcements({ children }: { readonly children: ReactNode }): ReactNode {
  const [shown, setShown] = useState<readonly Announcement[]>([])
  const close = useCallback((id: number) => {
    setShown((all) => all.filter((each) => each.id !== id))
  }, [])
  const announce = useCallback<Announce>(
    (text, isProblem = false) => {
      lastId += 1
      const id = lastId
      setShown((all) => [...all.slice(-3), { id, text, isProblem }])
      if (!isProblem) setTimeout(() => close(id), shownFor)
    },
    [close],
  )
  return (
    <AnnounceContext value={announce}>
      {children}
      <Stack className={classes['corner'] ?? ''} gap="xs" role="status" aria-live="polite">
        {shown.map(({ id, text, isProblem }) => (
          <Notification
            key={id}
            color={isProblem ? 'red' : 'teal'}
            onClose={() => close(id)}
            closeButtonProps={{ 'aria-label': 'Close this message' }}
            withBorder
          >
            {text}
          </Notification>
        ))}
      </Stack>
    </AnnounceContext>
  )
}
