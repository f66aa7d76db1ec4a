import {
  Checkbox,
  NativeSelect,
  PasswordInput,
  SimpleGrid,
  Switch,
  Textarea,
  TextInput,
} from '@mantine/core'
import type { ReactNode } from 'react'
import type { Field } from './field.js'

/** The input of a field, with what the server said against it. */
export function FormField({
  field,
  error,
}: {
  readonly field: Field
  readonly error: string | undefined
}): ReactNode {
  const { name, label, kind, help, isRequired = false, initial, maxLength, options = [] } = field
  const common = { name, label, description: help, error, required: isRequired }
  switch (kind) {
    case 'choice':
      return (
        <NativeSelect
          {...common}
          defaultValue={initial ?? ''}
          data={isRequired ? [...options] : [{ value: '', label: '—' }, ...options]}
        />
      )
    case 'pick':
      return field.picker === undefined ? null : (
        <field.picker {...common} initial={initial === '' ? null : (initial ?? null)} />
      )
    case 'switch':
      return (
        <Switch name={name} label={label} description={help} defaultChecked={initial === 'true'} />
      )
    case 'textarea':
      return (
        <Textarea {...common} defaultValue={initial} maxLength={maxLength} autosize minRows={3} />
      )
    case 'password':
      return <PasswordInput {...common} maxLength={maxLength} autoComplete="off" />
    case 'number':
      return <TextInput {...common} type="number" step="any" defaultValue={initial} />
    case 'datetime':
      return <TextInput {...common} type="datetime-local" defaultValue={localTime(initial)} />
    case 'choices':
      return (
        <Checkbox.Group
          label={label}
          description={help}
          error={error}
          required={isRequired}
          defaultValue={initial?.split(' ') ?? []}
        >
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt="xs">
            {options.map((option) => (
              <Checkbox key={option.value} name={name} value={option.value} label={option.label} />
            ))}
          </SimpleGrid>
        </Checkbox.Group>
      )
    case 'text':
    case 'words':
      return (
        <TextInput {...common} defaultValue={initial} maxLength={maxLength} autoComplete="off" />
      )
  }
}

/** An ISO time as the input of the browser wants it: local, without a zone. */
function localTime(iso: string | undefined): string | undefined {
  if (iso === undefined) return undefined
  const date = new Date(iso)
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
  return shifted.toISOString().slice(0, 16)
}
