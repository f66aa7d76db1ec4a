import { createContext, useContext } from 'react'
import type { operations } from '../api/schema.js'
import type { Place } from './place.js'

/** Who the caller is, as `GET /session` says. */
export type Session = operations['getSession']['responses'][200]['content']['application/json']

/** The session of a document: it never changes its place. */
export interface PlacedSession {
  readonly session: Session
  readonly place: Place
  /** Until when the sign-in holds, unless it is renewed by then; in milliseconds of the epoch. */
  readonly endsAt: () => number
  readonly signOut: () => void
}

/** The session of the document; null on public pages. */
export const SessionContext = createContext<PlacedSession | null>(null)

/** The session of a page behind the sign-in. */
export function useSession(): PlacedSession {
  const placed = useContext(SessionContext)
  if (placed === null) throw new Error('this page is behind the sign-in')
  return placed
}

/** Whether the server would let the caller do something; it decides by itself when it is asked. */
export function useMay(capability: string): boolean {
  const { session } = useSession()
  return session.capabilities.includes(capability)
}

/**
 * Whether the caller may change what a capability is about. Lists that auditors read need the
 * capability of those who write; they change nothing all the same.
 */
export function useMayChange(capability: string): boolean {
  const { session } = useSession()
  const isOpen = session.mode === 'member' || session.window?.canWrite === true
  return useMay(capability) && isOpen
}
