import type { List } from './use-list.js'

interface WholeQuery<Item> {
  readonly data: { readonly items: readonly Item[] } | undefined
  readonly isPending: boolean
  readonly error: unknown
  readonly refetch: () => unknown
}

/**
 * A list that the API gives whole, in the shape of one with pages.
 *
 * @example
 * const list = wholeList(useQueries().useQuery('get', '/api/v1/me/waitlist'))
 */
export function wholeList<Item>({ data, isPending, error, refetch }: WholeQuery<Item>): List<Item> {
  const items = data?.items ?? []
  return {
    items,
    isLoading: isPending,
    isLoadingMore: false,
    hasMore: false,
    error,
    sorting: null,
    loadMore: () => undefined,
    reload: () => void refetch(),
    readAll: (most) => Promise.resolve(items.slice(0, most)),
  }
}
