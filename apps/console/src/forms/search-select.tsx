import { Select, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useRef, useState } from 'react'
import type { ReactNode } from 'react'
import type { PickerProps } from './picker.js'

/** What the server found for a text. */
export interface Found {
  readonly options: readonly { readonly value: string; readonly label: string }[]
  /** More fit than are shown. */
  readonly hasMore: boolean
  readonly isLoading: boolean
}

interface SearchSelectProps extends PickerProps {
  /** A hook that asks the server for what fits; the first of all for an empty text. */
  readonly useFound: (text: string) => Found
  /** A hook that names what is picked; undefined while that is not known. */
  readonly useLabel: (id: string | null) => string | undefined
}

const more = 'more'

/** Picks one of many by typing a part of its name; the server searches, the keyboard is enough. */
export function SearchSelect({
  useFound,
  useLabel,
  label,
  name,
  description,
  error,
  required = false,
  initial,
  unset = 'Type to search',
  onPick,
}: SearchSelectProps): ReactNode {
  const [picked, setPicked] = useState(initial)
  const [seen, setSeen] = useState(initial)
  if (initial !== seen) {
    // What is picked outside, as by clearing all filters, is picked here.
    setSeen(initial)
    setPicked(initial)
  }
  const [typed, setTyped] = useState('')
  const [isOpen, setOpen] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const [asked] = useDebouncedValue(typed, 250)
  const pickedLabel = useLabel(picked) ?? (picked === null ? undefined : '…')
  // What is picked stands in the input; it is no search of its own.
  const found = useFound(asked === pickedLabel ? '' : asked)
  const isShown = found.options.some(({ value }) => value === picked)
  const data = [
    ...(picked === null || isShown ? [] : [{ value: picked, label: pickedLabel ?? '…' }]),
    ...found.options,
    ...(found.hasMore
      ? [{ value: more, label: 'There are more: type a part of the name', disabled: true }]
      : []),
  ]
  const count = found.options.length
  return (
    <div>
      <Select
        label={label}
        description={description}
        error={error}
        required={required}
        {...(name !== undefined && { name })}
        placeholder={unset}
        data={data}
        value={picked}
        onChange={(value) => {
          setPicked(value)
          onPick?.(value)
        }}
        searchable
        onSearchChange={setTyped}
        filter={({ options }) => options}
        nothingFoundMessage={found.isLoading ? 'Searching …' : 'Nothing fits'}
        onDropdownOpen={() => setOpen(true)}
        onDropdownClose={() => setOpen(false)}
        clearable={!required}
        // Mantine keeps this button from the keyboard and from screen readers.
        clearButtonProps={{
          'aria-label': `Clear ${label}`,
          'aria-hidden': false,
          tabIndex: 0,
          size: '24px',
        }}
        onClear={() => input.current?.focus()}
        ref={input}
        maxDropdownHeight={280}
        autoComplete="off"
      />
      <VisuallyHidden role="status">
        {isOpen &&
          !found.isLoading &&
          `${String(count)} found${found.hasMore ? ', there are more' : ''}`}
      </VisuallyHidden>
    </div>
  )
}
