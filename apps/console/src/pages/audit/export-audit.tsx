import { Button } from '@mantine/core'
import { IconFileDownload } from '@tabler/icons-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useAnnounce } from '../../announce/announcements.js'
import { useApi } from '../../api/client.js'
import { ProblemError, problemOf } from '../../api/problem.js'
import { saveFile } from '../../lists/csv.js'
import { digestOf } from '../../lists/digest.js'
import type { UrlValues } from '../../lists/use-url-values.js'

/** Saves what the filters leave as the server writes it, after its digest was compared. */
export function ExportAudit({
  filter,
  isReady,
}: {
  readonly filter: UrlValues
  readonly isReady: boolean
}): ReactNode {
  const { fetch } = useApi()
  const announce = useAnnounce()
  const [isBusy, setBusy] = useState(false)
  const save = async (): Promise<void> => {
    setBusy(true)
    try {
      const query = Object.fromEntries(
        Object.entries(filter).filter(([, value]) => value !== undefined && value !== ''),
      )
      const { data, error, response } = await fetch.GET('/api/v1/audit/export', {
        params: { query },
        parseAs: 'blob',
      })
      if (data === undefined) throw new ProblemError(error)
      const sha256 = response.headers.get('x-content-sha256')
      if ((await digestOf(data)) !== sha256) {
        announce('The file does not have the digest that the server says; it was not saved.', true)
        return
      }
      saveFile('audit.csv', data, 'text/csv')
      announce(`The audit log was saved. SHA-256 ${sha256}`)
    } catch (refused) {
      const { title, detail } = problemOf(refused)
      announce(`${title}. ${detail ?? ''}`, true)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button
      variant="default"
      leftSection={<IconFileDownload size={16} aria-hidden />}
      loading={isBusy}
      disabled={!isReady}
      onClick={() => void save()}
    >
      Export with digest
    </Button>
  )
}
