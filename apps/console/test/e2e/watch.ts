import type { Page, Request } from 'playwright-core'

/** What a page complained of. */
export interface Watch {
  /** Errors of scripts and of the content security policy, and answers of 500 and above. */
  problems(): readonly string[]
  /** Whether answers of the API are on their way. */
  isLoading(): boolean
  /** Forgets what was seen. */
  clear(): void
}

/** Refusals that a page has to cope with are no errors of the page. */
const refusal = /^Failed to load resource: the server responded with a status of 4\d\d/

/** Listens to a page from now on. */
export function watchPage(page: Page): Watch {
  const seen: string[] = []
  page.on('pageerror', (error) => seen.push(`error: ${error.message}`))
  page.on('console', (message) => {
    const text = message.text()
    const isComplaint = ['error', 'warning'].includes(message.type())
    if (isComplaint && !refusal.test(text)) seen.push(`${message.type()}: ${text}`)
  })
  let awaited = new Set<Request>()
  page.on('request', (request) => {
    if (request.isNavigationRequest()) awaited = new Set()
    else if (request.url().includes('/api/') || request.url().includes('/assets/'))
      awaited.add(request)
  })
  page.on('requestfinished', (request) => awaited.delete(request))
  page.on('requestfailed', (request) => awaited.delete(request))
  page.on('response', (reply) => {
    if (reply.status() >= 500) seen.push(`${String(reply.status())}: ${reply.url()}`)
  })
  return {
    isLoading: () => awaited.size > 0,
    problems: () => [...seen],
    clear: () => void seen.splice(0),
  }
}
