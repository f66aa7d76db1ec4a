import { Button, Group, NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { Filter } from './filter.js'
import { useUrlValues } from './use-url-values.js'
import classes from './filter-bar.module.css'

/** Filters of a list; the address holds what they are set to. */
export function FilterBar({ filters }: { readonly filters: readonly Filter[] }): ReactNode {
  const [values, change] = useUrlValues()
  const isSet = filters.some(({ param }) => values[param] !== undefined)
  if (filters.length === 0) return null
  return (
    <Group gap="sm" align="flex-end" miw={0} maw="100%" role="search" aria-label="Filters">
      {filters.map((filter) => {
        const isLong = filter.kind === 'text' && filter.isLong === true
        return (
          <div key={filter.param} className={classes[isLong ? 'search' : 'filter']}>
            <FilterInput
              filter={filter}
              value={values[filter.param]}
              onChange={(value) => change({ [filter.param]: value || undefined })}
            />
          </div>
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

/** The input of a filter. */
function FilterInput({
  filter,
  value,
  onChange,
}: {
  readonly filter: Filter
  readonly value: string | undefined
  readonly onChange: (value: string | null) => void
}): ReactNode {
  const { kind, label } = filter
  switch (kind) {
    case 'choice':
      return (
        <NativeSelect
          label={label}
          value={value ?? ''}
          data={[{ value: '', label: filter.unset ?? 'All' }, ...filter.options]}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )
    case 'pick':
      return <filter.picker label={label} initial={value ?? null} unset="All" onPick={onChange} />
    case 'date':
    case 'text':
      return (
        <TypedFilter
          label={label}
          type={kind === 'date' ? 'date' : 'search'}
          hint={kind === 'text' ? filter.hint : undefined}
          value={value ?? ''}
          onChange={onChange}
        />
      )
  }
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
  const [seen, setSeen] = useState(value)
  const [told, setTold] = useState(value)
  if (value !== seen) {
    // The address has changed: by what was typed, which may be longer by now, or by something else.
    setSeen(value)
    setTold(value)
    if (value !== told) setTyped(value)
  }
  const tell = useDebouncedCallback((text: string) => {
    setTold(text)
    onChange(text)
  }, 300)
  return (
    <TextInput
      label={label}
      type={type}
      {...(hint !== undefined && { placeholder: hint })}
      value={typed}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value)
        tell(currentTarget.value)
      }}
    />
  )
}
