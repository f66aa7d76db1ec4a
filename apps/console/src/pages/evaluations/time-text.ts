const shown = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** A time as text, where a link is made of it. */
export function timeText(at: string): string {
  return shown.format(new Date(at))
}
