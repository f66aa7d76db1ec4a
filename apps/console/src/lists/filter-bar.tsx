import { Button, Group, NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { Filter } from './filter.js'
import { useUrlValues } from './use-url-values.js'

/** Filters of a list; the address holds what they are set to. */
export function FilterBar({ filters }: { readonly filters: readonly Filter[] }): ReactNode {
  const [values, change] = useUrlValues()
  const isSet = filters.some(({ param }) => values[param] !== undefined)
  if (filters.length === 0) return null
  return (
    <Group gap="sm" align="flex-end" miw={0} maw="100%" role="search" aria-label="Filters">
      {filters.map((filter) => {
        const { param, label } = filter
        if (filter.kind === 'choice') {
          return (
            <NativeSelect
              key={param}
              label={label}
              value={values[param] ?? ''}
              data={[{ value: '', label: filter.unset ?? 'All' }, ...filter.options]}
              onChange={({ currentTarget }) =>
                change({ [param]: currentTarget.value || undefined })
              }
            />
          )
        }
        return (
          <TypedFilter
            key={`${param}:${isSet ? 'set' : 'clear'}`}
            label={label}
            type={filter.kind === 'date' ? 'date' : 'search'}
            hint={filter.kind === 'text' ? filter.hint : undefined}
            value={values[param] ?? ''}
            onChange={(value) => change({ [param]: value || undefined })}
          />
        )
      })}
      {isSet && (
        <Button
          variant="subtle"
          onClick={() => change(Object.fromEntries(filters.map(({ param }) => [param, undefined])))}
        >
          Clear filters
        </Button>
      )}
    </Group>
  )
}

/** Asks the server once the typing has stopped. */
function TypedFilter({
  label,
  type,
  hint,
  value,
  onChange,
}: {
  readonly label: string
  readonly type: 'search' | 'date'
  readonly hint: string | undefined
  readonly value: string
  readonly onChange: (value: string) => void
}): ReactNode {
  const [typed, setTyped] = useState(value)
  const tell = useDebouncedCallback(onChange, 300)
  return (
    <TextInput
      label={label}
      type={type}
      {...(hint !== undefined && {
        placeholder: hint,
        w: `${String(hint.length * 0.55)}rem`,
        maw: '100%',
      })}
      value={typed}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value)
        tell(currentTarget.value)
      }}
    />
  )
}
