import { NavLink, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { navGroups } from '../pages/page-route.js'
import { useSession } from '../session/session.js'
import { reachedPages } from './reached-pages.js'

/** The pages of the place that the role reaches, by group. */
export function Navigation({ onLeave }: { readonly onLeave: () => void }): ReactNode {
  const reached = reachedPages(useSession())
  return navGroups.map((group) => {
    const pages = reached.filter(({ nav }) => nav?.group === group)
    if (pages.length === 0) return null
    return (
      <div key={group} role="group" aria-label={group}>
        {pages.length > 1 && (
          <Text size="xs" fw={600} c="dimmed" px="sm" pt="sm" aria-hidden>
            {group}
          </Text>
        )}
        {pages.map(({ path, title, nav }) => (
          <NavLink
            key={path}
            label={title}
            leftSection={nav && <nav.icon size={18} stroke={1.6} />}
            onClick={onLeave}
            renderRoot={(props) => (
              <Link {...props} to={path} activeOptions={{ exact: path === '/' }} />
            )}
          />
        ))}
      </div>
    )
  })
}
