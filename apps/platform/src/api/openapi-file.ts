import { openApiOf } from './openapi.js'
import { routes } from './routes.js'

/** The checked-in document, the same file from the sources and from the build. */
export const openApiFile: URL = new URL('../../openapi.json', import.meta.url)

/** What the checked-in document has to be. */
export function openApiText(): string {
  return `${JSON.stringify(openApiOf(routes), null, 2)}\n`
}
