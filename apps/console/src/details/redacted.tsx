import type { ReactNode } from 'react'
import { useSession } from '../session/session.js'

/** A value that auditors are not shown, or a dash where there is none. */
export function Redacted({ value }: { readonly value: ReactNode }): ReactNode {
  const { session } = useSession()
  if (value !== null && value !== undefined && value !== '') return value
  if (session.mode === 'auditor') return <em>redacted</em>
  return <span aria-label="none">—</span>
}
