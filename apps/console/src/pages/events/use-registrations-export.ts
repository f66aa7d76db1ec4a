import { useState } from 'react'
import { useAnnounce } from '../../announce/announcements.js'
import { useApi } from '../../api/client.js'
import { ProblemError, problemOf } from '../../api/problem.js'
import { saveFile } from '../../lists/csv.js'
import { digestOf } from '../../lists/digest.js'
import type { Event } from './event-fields.js'

/** Saves the whole guest list of an event as the server writes it, not the page that is shown. */
export function useRegistrationsExport(
  event: Event,
  state: string | undefined,
): { readonly isBusy: boolean; readonly start: (format: 'csv' | 'json') => void } {
  const { fetch } = useApi()
  const announce = useAnnounce()
  const [isBusy, setBusy] = useState(false)
  const chosen = (['pending', 'confirmed', 'cancelled'] as const).find((name) => name === state)
  const params = {
    path: { eventId: event.id },
    query: chosen === undefined ? {} : { state: chosen },
  }
  const saveCsv = async (): Promise<void> => {
    const { data, error, response } = await fetch.GET(
      '/api/v1/events/{eventId}/registrations/export',
      { params, parseAs: 'blob' },
    )
    if (data === undefined) throw new ProblemError(error)
    if ((await digestOf(data)) !== response.headers.get('x-content-sha256')) {
      announce('The file does not have the digest that the server says; it was not saved.', true)
      return
    }
    saveFile(`guests-${event.slug}.csv`, data, 'text/csv')
    announce('The guest list was saved.')
  }
  const saveJson = async (): Promise<void> => {
    const { data, error } = await fetch.GET('/api/v1/events/{eventId}/guest-list', { params })
    if (data === undefined) throw new ProblemError(error)
    const text = JSON.stringify(data.guests, null, 2)
    saveFile(`guests-${event.slug}.json`, new Blob([text]), 'application/json')
    announce(`The guest list was saved: ${String(data.count)} guests.`)
  }
  const start = (format: 'csv' | 'json'): void => {
    setBusy(true)
    const save = format === 'csv' ? saveCsv : saveJson
    save()
      .catch((refused: unknown) => {
        const { title, detail } = problemOf(refused)
        announce(`${title}. ${detail ?? ''}`, true)
      })
      .finally(() => setBusy(false))
  }
  return { isBusy, start }
}
