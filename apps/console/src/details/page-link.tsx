import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** A link inside of the place: `to` as in the address bar, after the base. */
export function PageLink({
  to,
  search = {},
  isHeading = false,
  children,
}: {
  readonly to: string
  /** Filters that the page opens with. */
  readonly search?: Readonly<Record<string, string>>
  /** As large as the heading that it stands in. */
  readonly isHeading?: boolean
  readonly children: ReactNode
}): ReactNode {
  return (
    <Anchor
      {...(isHeading ? { inherit: true } : { size: 'sm' })}
      renderRoot={(props) => <Link {...props} to={to} search={search} />}
    >
      {children}
    </Anchor>
  )
}
