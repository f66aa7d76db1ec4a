import { Box, Button, Group, Stack, Text, Title } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useAnnounce } from '../announce/announcements.js'
import { EmptyState } from '../states/empty-state.js'
import { PageProblem } from '../states/page-problem.js'
import type { Column } from './column.js'
import { ColumnMenu } from './column-menu.js'
import { saveFile, toCsv } from './csv.js'
import { DataTable } from './data-table.js'
import type { Filter } from './filter.js'
import { FilterBar } from './filter-bar.js'
import type { List } from './use-list.js'
import { useUrlValues } from './use-url-values.js'

/** Rows of an export at most. */
const mostExported = 10_000

interface ListPageProps<Item> {
  readonly title: string
  readonly description?: ReactNode
  readonly list: List<Item>
  readonly columns: readonly Column<Item, string>[]
  readonly keyOf: (item: Item) => string
  readonly filters?: readonly Filter[]
  /** Beside the title: what can be made here. */
  readonly actions?: ReactNode
  /** What is said when there is nothing, and why that can be. */
  readonly empty: { readonly title: string; readonly text: ReactNode }
  /** Heading of the list: 1 when it is the page, 2 when it is a part of one. */
  readonly order?: 1 | 2
  /** Before the list's own values in the address, where a page has several lists. */
  readonly urlKey?: string
}

/** A list of the API with all of its states: loading, empty, filtered empty, problem, more. */
export function ListPage<Item extends object>({
  title,
  description,
  list,
  columns,
  keyOf,
  filters = [],
  actions,
  empty,
  order = 1,
  urlKey = '',
}: ListPageProps<Item>): ReactNode {
  const [values, change] = useUrlValues()
  const hideKey = `${urlKey}hide`
  const hidden =
    values[hideKey]?.split(',') ?? columns.flatMap(({ id, isOptional }) => (isOptional ? [id] : []))
  const isFiltered = filters.some(({ param }) => values[param] !== undefined)
  const isEmpty = !list.isLoading && list.error === null && list.items.length === 0
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start">
        <Box flex="1 1 20rem">
          <Title order={order} size={order === 1 ? 'h2' : 'h4'}>
            {title}
          </Title>
          {description !== undefined && (
            <Text size="sm" c="dimmed" maw={720}>
              {description}
            </Text>
          )}
        </Box>
        {Boolean(actions) && <Group gap="xs">{actions}</Group>}
      </Group>
      <Group justify="space-between" align="flex-end">
        {filters.length > 0 && (
          <Box flex="1 1 30rem" miw={0}>
            <FilterBar filters={filters} />
          </Box>
        )}
        <Group gap="xs" ml="auto">
          <ColumnMenu
            columns={columns}
            hidden={hidden}
            onChange={(next) => change({ [hideKey]: next.join(',') })}
          />
          <ExportButton title={title} list={list} columns={columns} />
        </Group>
      </Group>
      {list.error !== null && <PageProblem error={list.error} onRetry={list.reload} what="list" />}
      {(list.isLoading || list.items.length > 0) && (
        <DataTable
          caption={title}
          columns={columns}
          items={list.items}
          keyOf={keyOf}
          hidden={hidden}
          sorting={list.sorting}
          isLoading={list.isLoading}
        />
      )}
      {isEmpty &&
        (isFiltered ? (
          <EmptyState title="Nothing fits the filters">
            {list.hasMore
              ? 'Nothing fits of what was looked through so far; there is more to look through.'
              : 'Of what you may see here, nothing fits. Clear the filters to see all of it.'}
          </EmptyState>
        ) : (
          <EmptyState title={empty.title}>{empty.text}</EmptyState>
        ))}
      {(list.items.length > 0 || list.hasMore) && (
        <Group justify="space-between">
          <Text size="sm" c="dimmed" role="status">
            {list.items.length} shown{list.hasMore ? ', there are more' : ', that is all'}
            {sortedBy(columns, list.sorting?.sort ?? null)}
          </Text>
          {list.hasMore && (
            <Button variant="default" onClick={list.loadMore} loading={list.isLoadingMore}>
              Load more
            </Button>
          )}
        </Group>
      )}
    </Stack>
  )
}

/** Says the order, since screen readers do not announce that it changed. */
function sortedBy<Item>(columns: readonly Column<Item, string>[], sort: string | null): string {
  if (sort === null) return ''
  const column = columns.find((each) => each.sort === sort.replace(/^-/, ''))
  if (column === undefined) return ''
  return `; sorted by ${column.header}, ${sort.startsWith('-') ? 'descending' : 'ascending'}`
}

function ExportButton<Item extends object>({
  title,
  list,
  columns,
}: Pick<ListPageProps<Item>, 'title' | 'list' | 'columns'>): ReactNode {
  const [isBusy, setBusy] = useState(false)
  const announce = useAnnounce()
  const exportAll = async (): Promise<void> => {
    setBusy(true)
    try {
      const items = await list.readAll(mostExported)
      saveFile(
        `${title.toLowerCase().replaceAll(/\W+/g, '-')}.csv`,
        toCsv(items, columns),
        'text/csv',
      )
      announce(`${String(items.length)} rows were exported.`)
    } catch {
      announce('The export did not work; nothing was saved.', true)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={16} aria-hidden />}
      onClick={() => void exportAll()}
      loading={isBusy}
      disabled={list.items.length === 0}
    >
      CSV
    </Button>
  )
}
