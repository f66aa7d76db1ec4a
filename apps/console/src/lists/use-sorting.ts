import type { Column } from './column.js'
import { useUrlValues } from './use-url-values.js'

/** In which order the server gives a list, and a way to ask for another one. */
export interface Sorting {
  /** A key of the API, falling with a minus in front; null for the list's own order. */
  readonly sort: string | null
  /** Begins the list anew in another order; the address keeps it. */
  readonly change: (sort: string | null) => void
}

/** The order that the address asks for, as far as a column has it. */
export function useSorting<Item>(columns: readonly Column<Item, string>[], urlKey = ''): Sorting {
  const [values, change] = useUrlValues()
  const param = `${urlKey}sort`
  const asked = values[param]
  const isKnown = columns.some(
    ({ sort }) => sort !== undefined && sort === asked?.replace(/^-/, ''),
  )
  return {
    sort: isKnown && asked !== undefined ? asked : null,
    change: (sort) => change({ [param]: sort ?? undefined }),
  }
}
