import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'

/** What a page keeps in its address, so that a link or the back button brings it back. */
export type UrlValues = Readonly<Record<string, string | undefined>>

/** The query of the address, and a way to change some of it; undefined takes a value out. */
export function useUrlValues(): readonly [UrlValues, (change: UrlValues) => void] {
  const values: UrlValues = useSearch({ strict: false })
  const navigate = useNavigate()
  const change = useCallback(
    (next: UrlValues) =>
      void navigate({
        to: '.',
        search: (before: UrlValues) => ({ ...before, ...next }),
        replace: true,
      }),
    [navigate],
  )
  return [values, change]
}
