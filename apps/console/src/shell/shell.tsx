import { Anchor, AppShell, Burger, Group } from '@mantine/core'
import { useDisclosure, useHotkeys } from '@mantine/hooks'
import { Outlet } from '@tanstack/react-router'
import { Suspense, lazy, useContext } from 'react'
import type { ReactNode } from 'react'
import { SessionContext } from '../session/session.js'
import { ModeBanner } from './mode-banner.js'
import { Navigation } from './navigation.js'
import classes from './shell.module.css'
import { TopBar } from './top-bar.js'
import { useHeadingFocus } from './use-heading-focus.js'

const CommandPalette = lazy(async () => {
  const module = await import('./command-palette.js')
  return { default: module.CommandPalette }
})

/** The frame of every page: who acts where, above; what there is, at the side. */
export function Shell(): ReactNode {
  const placed = useContext(SessionContext)
  const [isOpen, { toggle, close }] = useDisclosure()
  const [isSearching, search] = useDisclosure()
  useHeadingFocus()
  useHotkeys(placed === null ? [] : [['mod+K', search.open]], [])
  if (placed === null) return <Outlet />
  return (
    <AppShell
      header={{ height: { base: 84, sm: 56 } }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="md"
      className={classes['frame'] ?? ''}
      data-mode={placed.session.mode}
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
            aria-expanded={isOpen}
            aria-label={isOpen ? 'Close the navigation' : 'Open the navigation'}
          />
          <TopBar onSearch={search.open} />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label="Pages" className={classes['pages'] ?? ''}>
        <Navigation onLeave={close} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes['content'] ?? ''}>
        <ModeBanner />
        <Outlet />
      </AppShell.Main>
      {isSearching && (
        <Suspense fallback={null}>
          <CommandPalette onClose={search.close} />
        </Suspense>
      )}
    </AppShell>
  )
}
