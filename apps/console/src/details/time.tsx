import type { ReactNode } from 'react'

const shown = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** A time in the reader's zone, with the exact one on hover; a dash for none. */
export function Time({ at }: { readonly at: string | null | undefined }): ReactNode {
  if (at === null || at === undefined) return <span aria-label="never">—</span>
  return (
    <time dateTime={at} title={at}>
      {shown.format(new Date(at))}
    </time>
  )
}
