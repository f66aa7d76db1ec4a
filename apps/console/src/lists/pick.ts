import type { UrlValues } from './use-url-values.js'

/**
 * Values of the address by their names, as filters of the API.
 *
 * @example
 * useList('/api/v1/alerts', { query: pick(values, ['status', 'severity']) })
 */
export function pick(values: UrlValues, names: readonly string[]): UrlValues {
  return Object.fromEntries(names.map((name) => [name, values[name]]))
}

/** Words of the API as options of a choice. */
export function options(
  ...values: readonly string[]
): readonly { readonly value: string; readonly label: string }[] {
  return values.map((value) => ({ value, label: value.replaceAll('_', ' ') }))
}
