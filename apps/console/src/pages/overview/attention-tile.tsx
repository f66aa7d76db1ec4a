import { Paper, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { PageLink } from '../../details/page-link.js'
import { useList } from '../../lists/use-list.js'
import type { Attention } from './attention.js'
import classes from './overview.module.css'

/** How many things of a kind wait; it leads to them. */
export function AttentionTile({ attention }: { readonly attention: Attention }): ReactNode {
  const { title, text, isUrgent = false, path, query, to, search, counts } = attention
  const list = useList(path, { query })
  const waiting =
    counts === undefined ? list.items : list.items.filter((item) => counts({ ...item }))
  const isQuiet = waiting.length === 0 && !list.hasMore
  const count = `${String(waiting.length)}${list.hasMore ? '+' : ''}`
  return (
    <Paper
      withBorder
      p="md"
      component="li"
      className={classes['tile'] ?? ''}
      data-urgent={isUrgent && !isQuiet}
      aria-busy={list.isLoading}
    >
      <Text component="span" className={classes['count'] ?? ''} c={isQuiet ? 'dimmed' : ''}>
        {list.isLoading ? '…' : list.error === null ? count : '?'}
      </Text>
      <PageLink to={to} search={search}>
        {title}
      </PageLink>
      <Text size="sm" c="dimmed">
        {list.error === null ? (isQuiet && !list.isLoading ? 'none' : text) : 'cannot be read now'}
      </Text>
    </Paper>
  )
}
