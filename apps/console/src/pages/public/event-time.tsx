import type { ReactNode } from 'react'

/** A time where the event is, with its zone. */
export function EventTime({
  at,
  timeZone,
}: {
  readonly at: string
  readonly timeZone: string
}): ReactNode {
  const shown = new Intl.DateTimeFormat(undefined, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
    timeZone,
  })
  return <time dateTime={at}>{shown.format(new Date(at))}</time>
}
