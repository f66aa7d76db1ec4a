import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useAnnounce } from '../../announce/announcements.js'
import { useApi } from '../../api/client.js'
import { ProblemError, problemOf } from '../../api/problem.js'
import { saveFile } from '../../lists/csv.js'
import { digestOf } from '../../lists/digest.js'
import type { ItemOf } from '../../lists/use-list.js'

/** Saves an export that is ready, after its digest was compared. */
export function DownloadExport({
  export: { id, kind, state, sha256 },
}: {
  readonly export: ItemOf<'/api/v1/exports'>
}): ReactNode {
  const { fetch } = useApi()
  const announce = useAnnounce()
  const [isBusy, setBusy] = useState(false)
  const name = kind === 'tenant_archive' ? 'tenant.zip' : kind.replace('_', '.')
  const save = async (): Promise<void> => {
    setBusy(true)
    try {
      const { data, error } = await fetch.GET('/api/v1/exports/{exportId}/download', {
        params: { path: { exportId: id } },
        parseAs: 'blob',
      })
      if (data === undefined) throw new ProblemError(error)
      if ((await digestOf(data)) !== sha256) {
        announce('The file does not have the digest that the server says; it was not saved.', true)
        return
      }
      saveFile(name, data, 'application/octet-stream')
      announce(`${name} was saved. SHA-256 ${sha256}`)
    } catch (refused) {
      const { title, detail } = problemOf(refused)
      announce(`${title}. ${detail ?? ''}`, true)
    } finally {
      setBusy(false)
    }
  }
  if (state !== 'ready') return null
  return (
    <Button
      size="xs"
      variant="default"
      loading={isBusy}
      aria-label={`Download ${name}`}
      onClick={() => void save()}
    >
      Download
    </Button>
  )
}
