import { useState } from 'react'
import { useAnnounce } from '../../announce/announcements.js'
import { useApi } from '../../api/client.js'
import { problemOf } from '../../api/problem.js'
import { saveFile } from '../../lists/csv.js'
import type { Event } from './event-fields.js'

/** The guest list as the server writes it: all of it, its formulas made harmless there. */
export function useRegistrationsExport(
  event: Event,
  state: string | undefined,
): { readonly isBusy: boolean; readonly start: () => void } {
  const { fetch } = useApi()
  const announce = useAnnounce()
  const [isBusy, setBusy] = useState(false)
  const save = async (): Promise<void> => {
    const chosen = (['pending', 'confirmed', 'cancelled'] as const).find((name) => name === state)
    const { data, error } = await fetch.GET('/api/v1/events/{eventId}/registrations/export', {
      params: {
        path: { eventId: event.id },
        query: chosen === undefined ? {} : { state: chosen },
      },
      parseAs: 'blob',
    })
    if (data === undefined) {
      const { title, detail } = problemOf(error)
      return announce(`${title}. ${detail ?? ''}`, true)
    }
    saveFile(`registrations-${event.slug}.csv`, data, 'text/csv')
    announce('The guest list was saved.')
  }
  const start = (): void => {
    setBusy(true)
    save()
      .catch(() => announce('The guest list cannot be read.', true))
      .finally(() => setBusy(false))
  }
  return { isBusy, start }
}
