import { WatertightError } from 'watertight/errors'

const milliseconds: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/**
 * Reads `90s`, `15m`, `1h` or `2d` and returns milliseconds.
 *
 * @throws USAGE for anything else.
 */
export function parseDuration(flag: string, text: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text)
  const unit = milliseconds[match?.[2] ?? '']
  if (match !== null && unit !== undefined) return Number(match[1]) * unit
  throw new WatertightError('USAGE', `${flag} ${text} is no length of time`, {
    object: flag,
    hint: 'Write a number with s, m, h or d: 90s, 15m, 1h, 2d.',
  })
}
