import type { ReactNode } from 'react'
import { Assignments } from './assignments.js'

/** Own assignments, or all of the org units in scope for those who supervise. */
export function Page(): ReactNode {
  return <Assignments />
}
