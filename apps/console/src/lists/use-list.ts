import { useInfiniteQuery } from '@tanstack/react-query'
import { useApi } from '../api/client.js'
import { ProblemError } from '../api/problem.js'
import type { paths } from '../api/schema.js'
import type { Column } from './column.js'
import type { Sorting } from './use-sorting.js'
import { useSorting } from './use-sorting.js'

interface PageOf<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

type ReplyOf<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Reply } } } }
}
  ? Reply
  : never

/** Paths of the API that answer with pages of items. */
export type ListPath = {
  [Path in keyof paths]: [ReplyOf<Path>] extends [never]
    ? never
    : ReplyOf<Path> extends PageOf<unknown>
      ? Path
      : never
}[keyof paths]

/** An item of a list of the API. */
export type ItemOf<Path extends ListPath> = ReplyOf<Path> extends PageOf<infer Item> ? Item : never

type SortOf<Path extends ListPath> = paths[Path] extends {
  get: { parameters: { query?: { sort?: infer Sort } } }
}
  ? Extract<Sort, string>
  : never

/** A column of a list of the API; those with `sort` name a key that the API has for it. */
export type ColumnOf<Path extends ListPath> = Column<
  ItemOf<Path>,
  Exclude<SortOf<Path>, `-${string}`>
>

/** A list as far as it is loaded. */
export interface List<Item> {
  readonly items: readonly Item[]
  readonly isLoading: boolean
  readonly isLoadingMore: boolean
  readonly hasMore: boolean
  readonly error: unknown
  /** Its order; null for a list that has but one. */
  readonly sorting: Sorting | null
  readonly loadMore: () => void
  readonly reload: () => void
  /** Every item up to a bound, page by page, for an export. */
  readonly readAll: (most: number) => Promise<readonly Item[]>
}

interface ListOptions<Path extends ListPath> {
  /** Columns that the list can be sorted by. */
  readonly columns?: readonly ColumnOf<Path>[]
  /** Before its values in the address, where a page has several lists. */
  readonly urlKey?: string
  readonly path?: Readonly<Record<string, string>>
  /** Filters; what is undefined or empty is not sent. */
  readonly query?: Readonly<Record<string, string | undefined>>
  /** False while there is nothing to ask for yet. */
  readonly enabled?: boolean
  /** Asks anew every second while this holds for what was answered last. */
  readonly pollWhile?: (items: readonly ItemOf<Path>[]) => boolean
}

/**
 * A list of the API, page after page by its cursor, in the order that the address asks for. Another
 * order or filter begins it anew.
 *
 * @example
 * const list = useList('/api/v1/assets', { columns, query: { status: values['status'] } })
 */
export function useList<Path extends ListPath>(
  path: Path,
  options: ListOptions<Path> = {},
): List<ItemOf<Path>> {
  const { fetch } = useApi()
  const sorting = useSorting(options.columns ?? [], options.urlKey)
  const filters = Object.fromEntries(
    Object.entries({ ...options.query, sort: sorting.sort ?? undefined }).filter(
      ([, value]) => value !== undefined && value !== '',
    ),
  )
  const read = async (after: string | null, limit: number, signal?: AbortSignal) => {
    const query = { ...filters, limit, ...(after !== null && { after }) }
    const init = { params: { path: options.path ?? {}, query }, ...(signal && { signal }) }
    const { data, error } = await fetch.GET(path as '/api/v1/assets', init as never)
    if (data === undefined) throw new ProblemError(error)
    return data as unknown as PageOf<ItemOf<Path>>
  }
  const query = useInfiniteQuery({
    queryKey: ['get', path, { path: options.path, query: filters }],
    queryFn: ({ pageParam, signal }) => read(pageParam, 50, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    ...(options.enabled !== undefined && { enabled: options.enabled }),
    refetchInterval: ({ state }) =>
      options.pollWhile?.(state.data?.pages.flatMap(({ items }) => items) ?? []) === true && 1000,
  })
  return {
    items: query.data?.pages.flatMap(({ items }) => items) ?? [],
    isLoading: query.isPending && query.fetchStatus !== 'idle',
    isLoadingMore: query.isFetchingNextPage,
    hasMore: query.hasNextPage,
    error: query.error,
    sorting: options.columns === undefined ? null : sorting,
    loadMore: () => void query.fetchNextPage(),
    reload: () => void query.refetch(),
    async readAll(most) {
      const all: ItemOf<Path>[] = []
      let after: string | null = null
      do {
        const page: PageOf<ItemOf<Path>> = await read(after, 100)
        all.push(...page.items)
        after = page.next
      } while (after !== null && all.length < most)
      return all.slice(0, most)
    },
  }
}
