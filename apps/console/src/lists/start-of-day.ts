/**
 * The begin of a day where the reader is, or of one some days later, as the API takes times.
 *
 * @example
 * startOfDay(values['until'], 1) // until the end of the day that a date filter names
 */
export function startOfDay(day: string | undefined, daysLater = 0): string | undefined {
  if (day === undefined) return undefined
  const date = new Date(`${day}T00:00`)
  if (Number.isNaN(date.getTime())) return undefined
  date.setDate(date.getDate() + daysLater)
  return date.toISOString()
}
