import { Button, Checkbox, Popover, Stack } from '@mantine/core'
import { IconColumns3 } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { Column } from './column.js'

/** Chooses the columns of a list; at least one stays. */
export function ColumnMenu<Item>({
  columns,
  hidden,
  onChange,
}: {
  readonly columns: readonly Column<Item, string>[]
  readonly hidden: readonly string[]
  readonly onChange: (hidden: readonly string[]) => void
}): ReactNode {
  return (
    <Popover position="bottom-end" trapFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconColumns3 size={16} aria-hidden />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs" role="group" aria-label="Columns">
          {columns.map(({ id, header }) => {
            const isShown = !hidden.includes(id)
            return (
              <Checkbox
                key={id}
                label={header}
                checked={isShown}
                disabled={isShown && columns.length - hidden.length === 1}
                onChange={() =>
                  onChange(isShown ? [...hidden, id] : hidden.filter((other) => other !== id))
                }
              />
            )
          })}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
