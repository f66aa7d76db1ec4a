import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import type { Field } from '../../forms/field.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { useMay } from '../../session/session.js'
import { FilePicker } from '../media/file-picker.js'
import { ControlPicker } from './control-picker.js'

/** Adds evidence: a file of the tenant, or bytes that are kept elsewhere, bound by their digest. */
export function AddEvidence({
  controlId,
  supersedes,
  onClose,
}: {
  readonly controlId?: string
  readonly supersedes?: { readonly id: string; readonly title: string; readonly source: string }
  readonly onClose: () => void
}): ReactNode {
  const { fetch } = useApi()
  const action = useAction()
  const mayFiles = useMay('media.read')
  const fields: readonly Field[] = [
    {
      name: 'title',
      label: 'Title',
      kind: 'text',
      isRequired: true,
      maxLength: 300,
      initial: supersedes?.title ?? '',
    },
    {
      name: 'source',
      label: 'Source',
      kind: 'text',
      isRequired: true,
      maxLength: 100,
      initial: supersedes?.source ?? '',
      help: 'Who or what collected it.',
    },
    ...(controlId === undefined
      ? [{ name: 'controlId', label: 'Control', kind: 'pick', picker: ControlPicker } as const]
      : []),
    ...(mayFiles
      ? [
          {
            name: 'fileId',
            label: 'File of the tenant',
            kind: 'pick',
            picker: FilePicker,
            help: 'Either a file, or where the bytes are kept with digest and size.',
          } as const,
        ]
      : []),
    { name: 'reference', label: 'Kept elsewhere at', kind: 'text', maxLength: 500 },
    { name: 'sha256', label: 'SHA-256 of the bytes', kind: 'text', help: '64 small hex digits.' },
    { name: 'byteCount', label: 'Bytes', kind: 'number' },
    { name: 'excerpt', label: 'Excerpt', kind: 'textarea', maxLength: 4000 },
    { name: 'collectedAt', label: 'Collected', kind: 'datetime', help: 'Now when left empty.' },
  ]
  return (
    <FormModal
      title={supersedes === undefined ? 'Add evidence' : `Supersede ${supersedes.title}`}
      fields={fields}
      submit="Add"
      onSubmit={({ reference, sha256, byteCount, ...rest }) =>
        action.run(
          fetch.POST('/api/v1/evidence', {
            body: {
              ...rest,
              ...(controlId !== undefined && { controlId }),
              ...(supersedes !== undefined && { supersedesId: supersedes.id }),
              ...(reference !== undefined && {
                keptElsewhere: { reference, sha256, byteCount },
              }),
            } as never,
          }),
          'The evidence was added.',
        )
      }
      onClose={onClose}
    />
  )
}
