import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { Facts } from '../../details/facts.js'
import { Redacted } from '../../details/redacted.js'
import { StateBadge } from '../../details/state-badge.js'
import { Time } from '../../details/time.js'
import { MemberName } from '../../directory/member-name.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { withCleared } from '../../forms/with-cleared.js'
import { useParam } from '../../lists/use-param.js'
import { useMay, useSession } from '../../session/session.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { fileTones, sizeText } from './file-kinds.js'
import { Variants } from './variants.js'

/** One file with its resized forms. */
export function Page(): ReactNode {
  const params = { path: { fileId: useParam('fileId') } }
  const { data: file, error } = useQueries().useQuery('get', '/api/v1/files/{fileId}', { params })
  const { session } = useSession()
  const mayWrite = useMay('media.write') && session.mode === 'member'
  const { fetch } = useApi()
  const action = useAction()
  const navigate = useNavigate()
  const [open, setOpen] = useState<'describe' | 'delete' | null>(null)
  if (error !== null) return <ObjectProblem error={error} what="file" />
  if (file === undefined) return <Loading />
  const name = file.originalName ?? `file ${file.id.slice(0, 8)}`
  const close = (): void => setOpen(null)
  return (
    <DetailPage
      list={{ to: '/files', title: 'Files' }}
      title={name}
      badge={<StateBadge state={file.state} tone={fileTones[file.state]} />}
      actions={
        mayWrite && (
          <>
            <Button variant="default" onClick={() => setOpen('describe')}>
              Describe
            </Button>
            <Button variant="default" onClick={() => setOpen('delete')}>
              Delete …
            </Button>
          </>
        )
      }
    >
      <Facts
        facts={[
          ['Type', file.contentType],
          ['Size', sizeText(file.byteCount)],
          ['What it shows', <Redacted key="shows" value={file.alternativeText} />],
          ['By', <MemberName key="by" id={file.uploadedBy} />],
          ['Announced', <Time key="at" at={file.createdAt} />],
          ['SHA-256', <code key="sha">{file.sha256}</code>],
        ]}
      />
      <Variants fileId={file.id} />
      {open === 'describe' && (
        <FormModal
          title="Say what it shows"
          submit="Save"
          fields={[
            {
              name: 'alternativeText',
              label: 'What it shows',
              kind: 'text',
              maxLength: 500,
              ...(file.alternativeText !== null && { initial: file.alternativeText }),
            },
          ]}
          onSubmit={(values) =>
            action.run(
              fetch.PATCH('/api/v1/files/{fileId}', {
                params,
                body: withCleared(values, ['alternativeText'], null) as never,
              }),
              'The description was changed.',
            )
          }
          onClose={close}
        />
      )}
      {open === 'delete' && (
        <ConfirmModal
          title="Delete this file?"
          name={name}
          confirm="Delete"
          onConfirm={async () => {
            await action.run(fetch.DELETE('/api/v1/files/{fileId}', { params }), 'It was deleted.')
            await navigate({ to: '/files' })
          }}
          onClose={close}
        >
          It goes with its resized forms.
        </ConfirmModal>
      )}
    </DetailPage>
  )
}
