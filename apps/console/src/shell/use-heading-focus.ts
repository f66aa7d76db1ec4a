import { useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

/** How long a page may take to show its heading, in milliseconds. */
const patience = 10_000

/**
 * Moves the focus to the heading of each further page, as a browser does with a document: screen
 * readers say it, and Tab goes on from there. Who has pressed something since is left alone.
 */
export function useHeadingFocus(): void {
  const { pathname } = useLocation()
  const shown = useRef(pathname)
  useEffect(() => {
    if (shown.current === pathname) return undefined
    shown.current = pathname
    const end = new AbortController()
    const timer = setInterval(look, 50)
    const giveUp = setTimeout(() => end.abort(), patience)
    let isFirst = true
    function look(): void {
      const heading = document.querySelector<HTMLElement>('#content h1')
      // The heading of the page before may still be there; its focus is lost when it goes.
      if (heading === null || (!isFirst && document.activeElement !== document.body)) return
      isFirst = false
      heading.tabIndex = -1
      heading.style.outline = 'none'
      heading.focus({ preventScroll: true })
    }
    const start = performance.now()
    // The event that led here may still be on its way to the document.
    const endAfter = ({ timeStamp }: Event): void => {
      if (timeStamp > start) end.abort()
    }
    const stop = (): void => {
      clearInterval(timer)
      clearTimeout(giveUp)
    }
    end.signal.addEventListener('abort', stop)
    for (const event of ['keydown', 'pointerdown']) {
      document.addEventListener(event, endAfter, { signal: end.signal })
    }
    return () => end.abort()
  }, [pathname])
}
