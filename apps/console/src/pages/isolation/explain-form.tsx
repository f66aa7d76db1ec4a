import { Button, Group, NativeSelect, TextInput } from '@mantine/core'
import type { FormEvent, ReactNode } from 'react'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay, useSession } from '../../session/session.js'
import type { ExplainedTable } from './explain-question.js'
import { keyColumns, keyParam } from './explain-question.js'
import { EyesPicker } from './eyes-picker.js'

/** Asks for a table, a row and a context; the address holds what was asked. */
export function ExplainForm({ tables }: { readonly tables: readonly ExplainedTable[] }): ReactNode {
  const [values, change] = useUrlValues()
  const { place } = useSession()
  const mayAskForMembers = useMay('explain.members') && place.kind === 'member'
  const table = tables.find(({ name }) => name === values['table']) ?? tables[0]
  const columns = keyColumns(table)
  const ask = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string): string | undefined => {
      const value = form.get(name)
      return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
    }
    change({
      id: undefined,
      table: table?.name,
      command: text('command'),
      as: text('as'),
      ...Object.fromEntries(columns.map((column) => [keyParam(column), text(keyParam(column))])),
    })
  }
  return (
    <form onSubmit={ask} aria-label="The question">
      <Group align="flex-end">
        <NativeSelect
          label="Table"
          value={table?.name ?? ''}
          data={tables.map(({ name }) => name)}
          onChange={({ currentTarget }) => change({ table: currentTarget.value, id: undefined })}
        />
        {columns.map((column) => (
          <TextInput
            key={`${table?.name ?? ''} ${column}`}
            name={keyParam(column)}
            label={columns.length === 1 ? `Row, by ${column}` : column}
            defaultValue={values[keyParam(column)] ?? values['id'] ?? ''}
            required
            w={330}
            maw="100%"
            autoComplete="off"
          />
        ))}
        <NativeSelect
          name="command"
          label="Command"
          defaultValue={values['command'] ?? 'SELECT'}
          data={['SELECT', 'UPDATE', 'DELETE']}
        />
        <EyesPicker
          name="as"
          label="With whose eyes"
          initial={values['as'] ?? 'own'}
          withMembers={mayAskForMembers}
          required
        />
        <Button type="submit">Explain</Button>
      </Group>
    </form>
  )
}
