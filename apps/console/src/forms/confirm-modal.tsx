import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { problemOf } from '../api/problem.js'
import { useSession } from '../session/session.js'

interface ConfirmModalProps {
  readonly title: string
  /** What to type: the name of the object. */
  readonly name: string
  /** What will happen, in a sentence or two. */
  readonly children: ReactNode
  readonly confirm: string
  readonly onConfirm: () => Promise<unknown>
  readonly onClose: () => void
}

/** Asks with the object's name before something cannot be taken back; the focus is on Cancel. */
export function ConfirmModal({
  title,
  name,
  children,
  confirm,
  onConfirm,
  onClose,
}: ConfirmModalProps): ReactNode {
  const { session } = useSession()
  const [typed, setTyped] = useState('')
  const [error, setError] = useState<unknown>(null)
  const [isBusy, setBusy] = useState(false)
  const run = async (): Promise<void> => {
    setBusy(true)
    try {
      await onConfirm()
      onClose()
    } catch (refused) {
      setError(refused)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack>
        <Text size="sm" component="div">
          {children}
        </Text>
        {session.tenant !== null && (
          <Text size="sm">
            Tenant: <strong>{session.tenant.name}</strong>
          </Text>
        )}
        {error !== null && (
          <Alert color="red" role="alert" title={problemOf(error).title}>
            {problemOf(error).detail}
          </Alert>
        )}
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
            color="red.8"
            disabled={typed.trim() !== name.trim()}
            loading={isBusy}
            onClick={() => void run()}
          >
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
