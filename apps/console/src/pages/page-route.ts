import type { ComponentType, ReactNode } from 'react'
import type { Place } from '../session/place.js'

/** A group of the navigation, in the order of {@link navGroups}. */
export type NavGroup = (typeof navGroups)[number]

/** Groups of the navigation from top to bottom. */
export const navGroups = [
  'Overview',
  'Security',
  'Compliance',
  'Evaluations',
  'Events',
  'Organisation',
  'Isolation',
  'Platform',
] as const

/** A page as data: where it is, who is led to it, and the module that shows it. */
export interface PageRoute {
  /** Below the base of the place, as TanStack Router writes it: `/assets/$assetId`. */
  readonly path: string
  readonly title: string
  readonly places: readonly Place['kind'][]
  /** What the server asks of the caller; null when it asks for no capability. */
  readonly capability: string | null
  /** Where the navigation and the command palette list it; pages with parameters are not listed. */
  readonly nav?: {
    readonly group: NavGroup
    readonly icon: ComponentType<{ size?: number; stroke?: number }>
  }
  readonly load: () => Promise<{ readonly Page: () => ReactNode }>
}
