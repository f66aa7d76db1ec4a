import type { Root } from 'react-dom/client'

/**
 * Keeps nothing of a place in the browser's cache of left pages (bfcache): what is shown goes when the
 * page is left, and a page that is shown again from there starts anew, with a sign-in that still holds.
 */
export function forgetOnLeave(root: Root): void {
  addEventListener('pagehide', ({ persisted }) => {
    if (persisted) root.unmount()
  })
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload()
  })
}
