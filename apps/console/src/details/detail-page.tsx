import { Anchor, Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import classes from './detail-page.module.css'

/** An object: where it is listed, its name and state, what can be done with it, and its parts. */
export function DetailPage({
  list,
  title,
  badge,
  actions,
  children,
}: {
  readonly list: { readonly to: string; readonly title: string }
  readonly title: string
  readonly badge?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}): ReactNode {
  return (
    <Stack gap="md">
      <Breadcrumbs className={classes['way'] ?? ''}>
        <Anchor renderRoot={(props) => <Link {...props} to={list.to} />} size="sm">
          {list.title}
        </Anchor>
        <Text size="sm" c="dimmed" truncate title={title}>
          {title}
        </Text>
      </Breadcrumbs>
      <Group justify="space-between" align="flex-start">
        <Group gap="sm" flex="1 1 20rem">
          <Title order={1} size="h2">
            {title}
          </Title>
          {badge}
        </Group>
        {Boolean(actions) && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  )
}
