/** Environment variables. */
export type Variables = Readonly<Record<string, string | undefined>>

/** What a stream says about the device behind it. */
export interface Device {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** How text for one stream may look. */
export interface Style {
  readonly hasColour: boolean
  readonly hasUnicode: boolean
  /** The terminal makes OSC 8 links clickable, or ignores them. */
  readonly hasLinks: boolean
  /** Columns; 80 where the stream does not say. */
  readonly width: number
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
  cyan(text: string): string
  /** A clickable link (OSC 8), or the text with the address behind it. */
  link(text: string, address: string): string
  /** `✓`, or its ASCII form. */
  readonly tick: string
  readonly cross: string
  readonly bullet: string
}

/**
 * Decides from the environment how a stream may be written to: `FORCE_COLOR` wins over `NO_COLOR`,
 * `TERM=dumb` has neither colour nor links, a locale without UTF-8 gets ASCII.
 *
 * @example
 * ```ts
 * createStyle(process.stdout, { NO_COLOR: '1' }).red('leak') // 'leak'
 * ```
 */
export function createStyle(device: Device, variables: Variables): Style {
  const hasColour = wantsColour(device, variables)
  const hasUnicode = speaksUtf8(variables)
  const hasLinks = hasColour && device.isTTY === true && variables['TERM'] !== 'dumb'
  const paint =
    (open: number, close: number) =>
    (text: string): string =>
      hasColour && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text
  return {
    hasColour,
    hasUnicode,
    hasLinks,
    width: widthOf(device, variables),
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
    link: (text, address) => {
      if (hasLinks) return `\u001b]8;;${address}\u001b\\${text}\u001b]8;;\u001b\\`
      return text === address ? text : `${text} (${address})`
    },
    tick: hasUnicode ? '✓' : 'ok',
    cross: hasUnicode ? '✗' : 'x',
    bullet: hasUnicode ? '•' : '-',
  }
}

function wantsColour(device: Device, variables: Variables): boolean {
  const forced = variables['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  if ((variables['NO_COLOR'] ?? '') !== '') return false
  return device.isTTY === true && variables['TERM'] !== 'dumb'
}

function speaksUtf8(variables: Variables): boolean {
  if (variables['TERM'] === 'dumb') return false
  const locale = variables['LC_ALL'] || variables['LC_CTYPE'] || variables['LANG'] || ''
  return /utf-?8/i.test(locale)
}

function widthOf(device: Device, variables: Variables): number {
  const columns = device.columns ?? Number.parseInt(variables['COLUMNS'] ?? '', 10)
  return Number.isInteger(columns) && columns > 0 ? columns : 80
}
