import { printableLine } from './printable.js'
import type { Screen } from './screen.js'

/** Says on stderr what is being done. */
export interface Progress {
  /** The step that begins now; `index` counts from 0. */
  step(label: string, index?: number, total?: number): void
  /** Removes the line of a terminal; call it before anything else is written. */
  end(): void
}

const quietMs = 500
const estimateAfterMs = 5_000

/**
 * On a terminal one line that appears after half a second and is overwritten; elsewhere one line
 * per step.
 */
export function createProgress(screen: Screen, now: () => number = Date.now): Progress {
  return screen.isTerminal ? overwriting(screen, now) : onePerLine(screen)
}

function counter(index: number | undefined, total: number | undefined): string {
  return index === undefined || total === undefined ? '' : `[${index + 1}/${total}] `
}

function onePerLine(screen: Screen): Progress {
  return {
    step: (label, index, total) => screen.lines(counter(index, total) + printableLine(label)),
    end: () => undefined,
  }
}

function overwriting(screen: Screen, now: () => number): Progress {
  const startedAt = now()
  let line = ''
  let isShown = false
  let timer: NodeJS.Timeout | undefined
  const show = (): void => {
    timer = undefined
    isShown = true
    screen.write(`\r\u001b[2K${line.slice(0, Math.max(10, screen.style.width - 1))}`)
  }
  return {
    step(label, index, total) {
      const elapsed = now() - startedAt
      line = counter(index, total) + printableLine(label) + remaining(elapsed, index, total)
      if (isShown) show()
      else timer ??= setTimeout(show, Math.max(0, quietMs - elapsed)).unref()
    },
    end() {
      clearTimeout(timer)
      timer = undefined
      if (isShown) screen.write('\r\u001b[2K')
      isShown = false
    },
  }
}

function remaining(elapsed: number, index: number | undefined, total: number | undefined): string {
  if (elapsed < estimateAfterMs || !index || total === undefined) return ''
  const seconds = Math.ceil(((elapsed / index) * (total - index)) / 1000)
  return ` (about ${seconds} s left)`
}
