import type { Api } from '../../api/client.js'
import { ProblemError } from '../../api/problem.js'

/** What a code is good for. */
export type CodeAction = 'confirm' | 'cancel' | 'place' | 'withdraw'

/** The actions as they are offered. */
export const codeActions: { readonly value: CodeAction; readonly label: string }[] = [
  { value: 'confirm', label: 'Confirm my seat' },
  { value: 'cancel', label: 'Give my seat back' },
  { value: 'place', label: 'Show my place on the waiting list' },
  { value: 'withdraw', label: 'Leave the waiting list' },
]

/** What came of it, in words. */
export interface CodeAnswer {
  readonly isGood: boolean
  readonly title: string
  readonly detail: string
}

type Run = (action: CodeAction, email: string, code: string) => Promise<CodeAnswer>

/** Sends an action with the code; what it gives rejects with the problem of the API. */
export function codeActionOf(
  fetch: Api['fetch'],
  path: { readonly org: string; readonly slug: string },
): Run {
  return async (action, email, code) => {
    const init = { params: { path }, body: { email, code } }
    switch (action) {
      case 'confirm': {
        const { data, error } = await fetch.POST(
          '/api/v1/public/o/{org}/e/{slug}/registrations/confirm',
          init,
        )
        if (data === undefined) throw new ProblemError(error)
        const detail = 'Bring the code: it opens the door.'
        return { isGood: true, title: 'Your seat is confirmed', detail }
      }
      case 'cancel': {
        const { data, error } = await fetch.POST(
          '/api/v1/public/o/{org}/e/{slug}/registrations/cancel',
          init,
        )
        if (data === undefined) throw new ProblemError(error)
        const detail = 'It goes to whoever waits first.'
        return { isGood: true, title: 'Your seat was given back', detail }
      }
      case 'place': {
        const { data, error } = await fetch.POST(
          '/api/v1/public/o/{org}/e/{slug}/waitlist/place',
          init,
        )
        if (data === undefined) throw new ProblemError(error)
        return { isGood: true, title: `You are ${data.state}`, detail: placeText(data) }
      }
      case 'withdraw': {
        const { data, error } = await fetch.POST(
          '/api/v1/public/o/{org}/e/{slug}/waitlist/withdraw',
          init,
        )
        if (data === undefined) throw new ProblemError(error)
        const detail = 'A seat that was offered to you is free again.'
        return { isGood: true, title: 'You do not wait any more', detail }
      }
    }
  }
}

function placeText({
  state,
  position,
  offeredUntil,
}: {
  readonly state: string
  readonly position: number | null
  readonly offeredUntil: string | null
}): string {
  if (state === 'offered' && offeredUntil !== null) {
    const until = new Date(offeredUntil).toLocaleString()
    return `A seat is yours until ${until}: confirm it with the code of the offer.`
  }
  if (position === null) return 'There is no seat to wait for any more.'
  return position === 1 ? 'You are the next.' : `${String(position - 1)} come before you.`
}
