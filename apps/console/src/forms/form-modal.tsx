import { Alert, Button, Group, Modal, Stack } from '@mantine/core'
import { useState } from 'react'
import type { FormEvent, ReactNode } from 'react'
import { fieldErrorsOf, problemOf } from '../api/problem.js'
import type { Field, FormValues } from './field.js'
import { readFields } from './field.js'
import { FormField } from './form-field.js'

interface FormModalProps {
  readonly title: string
  readonly fields: readonly Field[]
  readonly submit: string
  /** Rejects with the problem of the API, which is shown at its field or above the form. */
  readonly onSubmit: (values: FormValues) => Promise<unknown>
  readonly onClose: () => void
  /** Above the fields. */
  readonly children?: ReactNode
}

/** A form in a dialogue; it closes when the server has taken it. */
export function FormModal({
  title,
  fields,
  submit,
  onSubmit,
  onClose,
  children,
}: FormModalProps): ReactNode {
  const [error, setError] = useState<unknown>(null)
  const [isBusy, setBusy] = useState(false)
  const errors = error === null ? {} : fieldErrorsOf(error)
  const isAtField = fields.some(({ name }) => errors[name] !== undefined)
  const send = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const values = readFields(fields, new FormData(event.currentTarget))
    setBusy(true)
    try {
      await onSubmit(values)
      onClose()
    } catch (refused) {
      setError(refused)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={(event) => void send(event)}>
        <Stack>
          {children}
          {error !== null && !isAtField && (
            <Alert color="red" role="alert" title={problemOf(error).title}>
              {problemOf(error).detail}
            </Alert>
          )}
          {fields.map((field) => (
            <FormField key={field.name} field={field} error={errors[field.name]} />
          ))}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isBusy}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
