import { Button, Text } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import type { operations } from '../../api/schema.js'
import { MemberPicker } from '../../directory/member-picker.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { useMay } from '../../session/session.js'

type Version = operations['getEvaluationVersion']['responses'][200]['content']['application/json']

/** What can be done with a version in its state. */
export function VersionActions({ version }: { readonly version: Version }): ReactNode {
  const { fetch } = useApi()
  const action = useAction()
  const mayWrite = useMay('evaluations.write')
  const [open, setOpen] = useState<'publish' | 'withdraw' | 'assign' | null>(null)
  const params = { path: { versionId: version.id } }
  const name = `Version ${String(version.version)}`
  const close = (): void => setOpen(null)
  if (!mayWrite) return null
  return (
    <>
      {version.state === 'draft' && <Button onClick={() => setOpen('publish')}>Publish …</Button>}
      {version.state === 'published' && (
        <>
          <Button onClick={() => setOpen('assign')}>Assign</Button>
          <Button variant="default" onClick={() => setOpen('withdraw')}>
            Withdraw …
          </Button>
        </>
      )}
      {open === 'publish' && (
        <ConfirmModal
          title="Publish this version?"
          name={name}
          confirm="Publish"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/evaluation-versions/{versionId}/publish', { params }),
              'The version was published.',
            )
          }
          onClose={close}
        >
          From then on its questions stay as they are, for good.
        </ConfirmModal>
      )}
      {open === 'withdraw' && (
        <ConfirmModal
          title="Withdraw this version?"
          name={name}
          confirm="Withdraw"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/evaluation-versions/{versionId}/withdraw', { params }),
              'The version was withdrawn.',
            )
          }
          onClose={close}
        >
          No session of it starts any more; those that are open go on.
        </ConfirmModal>
      )}
      {open === 'assign' && <AssignModal versionId={version.id} onClose={close} />}
    </>
  )
}

function AssignModal({
  versionId,
  onClose,
}: {
  readonly versionId: string
  readonly onClose: () => void
}): ReactNode {
  const { fetch } = useApi()
  const action = useAction()
  const [now] = useState(() => Date.now())
  const week = 7 * 24 * 60 * 60 * 1000
  return (
    <FormModal
      title="Assign this version"
      submit="Assign"
      fields={[
        { name: 'assigneeId', label: 'To', kind: 'pick', isRequired: true, picker: MemberPicker },
        {
          name: 'opensAt',
          label: 'Opens',
          kind: 'datetime',
          isRequired: true,
          initial: new Date(now).toISOString(),
        },
        {
          name: 'closesAt',
          label: 'Closes',
          kind: 'datetime',
          isRequired: true,
          initial: new Date(now + week).toISOString(),
        },
        { name: 'maxAttempts', label: 'Attempts', kind: 'number', initial: '1' },
      ]}
      onSubmit={(body) =>
        action.run(
          fetch.POST('/api/v1/evaluation-versions/{versionId}/assignments', {
            params: { path: { versionId } },
            body: body as never,
          }),
          'The version was assigned.',
        )
      }
      onClose={onClose}
    >
      <Text size="sm">Somebody who does not see the org unit of the version is refused.</Text>
    </FormModal>
  )
}
