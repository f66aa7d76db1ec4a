import { FileInput } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { digestOf } from '../../lists/digest.js'
import { contentTypes } from './file-kinds.js'

/** Announces a file of this machine: name, type, size and digest are read from it. */
export function AnnounceUpload({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { fetch } = useApi()
  const action = useAction()
  const [file, setFile] = useState<File | null>(null)
  return (
    <FormModal
      title="Announce an upload"
      submit="Announce"
      fields={[
        {
          name: 'alternativeText',
          label: 'What it shows',
          help: 'Read out instead of the picture.',
          kind: 'text',
          maxLength: 500,
        },
      ]}
      onSubmit={async (values) => {
        if (file === null) return
        const body = {
          ...values,
          originalName: file.name,
          contentType: file.type,
          byteCount: file.size,
          sha256: await digestOf(file),
        }
        await action.run(
          fetch.POST('/api/v1/files', { body: body as never }),
          'The upload was announced.',
        )
      }}
      onClose={onClose}
    >
      <FileInput
        label="File"
        description="It stays on this machine; its name, type, size and SHA-256 are sent."
        placeholder="Choose a file"
        accept={contentTypes.join(',')}
        value={file}
        onChange={setFile}
        required
      />
    </FormModal>
  )
}
