import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { FormEvent, ReactNode } from 'react'
import { fieldErrorsOf, problemOf } from '../api/problem.js'
import { useSession } from '../session/session.js'
import type { Field, FormValues } from './field.js'
import { readFields } from './field.js'
import { FormField } from './form-field.js'

interface ConfirmModalProps {
  readonly title: string
  /** What to type: the name of the object. */
  readonly name: string
  /** What will happen, in a sentence or two. */
  readonly children: ReactNode
  readonly confirm: string
  /** What is asked besides the name: a reason, say. */
  readonly fields?: readonly Field[]
  /** Is given the values of the fields; rejects with the problem of the API, which is shown. */
  readonly onConfirm: (values: FormValues) => Promise<unknown>
  readonly onClose: () => void
}

/** Asks with the object's name before something cannot be taken back; the focus is on Cancel. */
export function ConfirmModal({
  title,
  name,
  children,
  confirm,
  fields = [],
  onConfirm,
  onClose,
}: ConfirmModalProps): ReactNode {
  const { session } = useSession()
  const [typed, setTyped] = useState('')
  const [error, setError] = useState<unknown>(null)
  const [isBusy, setBusy] = useState(false)
  const errors = error === null ? {} : fieldErrorsOf(error)
  const isAtField = fields.some(({ name: field }) => errors[field] !== undefined)
  const run = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const values = readFields(fields, new FormData(event.currentTarget))
    setBusy(true)
    try {
      await onConfirm(values)
      onClose()
    } catch (refused) {
      setError(refused)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={(event) => void run(event)}>
        <Stack>
          <Text size="sm" component="div">
            {children}
          </Text>
          {session.tenant !== null && (
            <Text size="sm">
              Tenant: <strong>{session.tenant.name}</strong>
            </Text>
          )}
          {error !== null && !isAtField && (
            <Alert color="red" role="alert" title={problemOf(error).title}>
              {problemOf(error).detail}
            </Alert>
          )}
          {fields.map((field) => (
            <FormField key={field.name} field={field} error={errors[field.name]} />
          ))}
          <TextInput
            label={`Type “${name}” to go on`}
            value={typed}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
            autoComplete="off"
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} data-autofocus>
              Cancel
            </Button>
            <Button
              type="submit"
              color="red.8"
              disabled={typed.trim() !== name.trim()}
              loading={isBusy}
            >
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
