/** Signals that end a program; the second one ends it at once. */
const signals = ['SIGINT', 'SIGTERM'] as const

/** Aborts at the first signal that tells the process to end. */
export function endingSignal(): AbortSignal {
  const told = new AbortController()
  for (const signal of signals) {
    process.on(signal, () => {
      if (told.signal.aborted) process.exit(130)
      told.abort(new Error(`received ${signal}`))
    })
  }
  return told.signal
}

/** Resolves when the signal fires; the timer keeps the process alive until then. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => undefined, 60_000)
    const finish = (): void => {
      clearInterval(timer)
      resolve()
    }
    if (signal.aborted) finish()
    else signal.addEventListener('abort', finish, { once: true })
  })
}
