import { useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

/** How long a page may take to show its heading, in milliseconds. */
const patience = 5000

/**
 * Moves the focus to the heading of each further page, as a browser does with a document: screen
 * readers say it, and Tab goes on from there.
 */
export function useHeadingFocus(): void {
  const { pathname } = useLocation()
  const shown = useRef(pathname)
  useEffect(() => {
    if (shown.current === pathname) return undefined
    shown.current = pathname
    const until = performance.now() + patience
    let frame = 0
    const look = (): void => {
      const heading = document.querySelector<HTMLElement>('#content h1')
      if (heading !== null) {
        heading.tabIndex = -1
        heading.style.outline = 'none'
        heading.focus({ preventScroll: true })
      } else if (performance.now() < until) {
        frame = requestAnimationFrame(look)
      }
    }
    // The page before is in the document until the next one has come.
    const timer = setTimeout(look, 50)
    return () => {
      clearTimeout(timer)
      cancelAnimationFrame(frame)
    }
  }, [pathname])
}
