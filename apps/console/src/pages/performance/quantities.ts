const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** A duration as text, with as many digits as can be read. */
export function milliseconds(ms: number): string {
  if (ms >= 60_000) return `${(ms / 60_000).toFixed(1)} min`
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  return `${ms.toFixed(ms < 10 ? 2 : 0)} ms`
}

/** A size as text, in units of 1,000. */
export function bytes(count: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3))
  return `${(count / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power] ?? 'B'}`
}

/** A share between 0 and 1 as text. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`
}

/** A count as text, in the reader's notation. */
export function count(value: number): string {
  return value.toLocaleString()
}
