import { Anchor, AppShell, Burger, Group, ScrollArea } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Outlet } from '@tanstack/react-router'
import { useContext } from 'react'
import type { ReactNode } from 'react'
import { SessionContext } from '../session/session.js'
import { ModeBanner } from './mode-banner.js'
import { Navigation } from './navigation.js'
import { TopBar } from './top-bar.js'
import classes from './shell.module.css'

/** The frame of every page: who acts where, above; what there is, at the side. */
export function Shell(): ReactNode {
  const placed = useContext(SessionContext)
  const [isOpen, { toggle, close }] = useDisclosure()
  if (placed === null) return <Outlet />
  const { mode } = placed.session
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="md"
      className={classes['frame'] ?? ''}
      data-mode={mode}
    >
      <Anchor href="#content" className={classes['skip'] ?? ''}>
        Skip to the content
      </Anchor>
      <AppShell.Header>
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger
            opened={isOpen}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={isOpen ? 'Close the navigation' : 'Open the navigation'}
          />
          <TopBar />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label="Pages">
        <ScrollArea>
          <Navigation onLeave={close} />
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <ModeBanner />
        <Outlet />
      </AppShell.Main>
    </AppShell>
  )
}
