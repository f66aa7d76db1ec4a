import { readConfiguration } from './configuration.js'
import { placeOf } from './session/place.js'
import { beginSignIn, isCallback, takeReturn } from './session/sign-in.js'
import type { Returned } from './session/sign-in.js'

const configuration = readConfiguration(document)

/**
 * Who has to sign in leaves for the provider before anything of the console is loaded; and while a
 * returned sign-in is completed, the console is.
 */
async function start(): Promise<void> {
  const returned = isCallback(location.pathname) ? takeReturn(configuration) : null
  if (returned === null && placeOf(location.pathname).place.kind !== 'public') {
    const leaving = beginSignIn(configuration, location.href)
    // A provider that cannot be reached is a refusal that the console shows.
    return leaving.catch(() => show({ returnTo: '/', result: leaving }))
  }
  await show(returned)
}

async function show(returned: Returned | null): Promise<void> {
  // A refusal before the console is there is shown by it.
  returned?.result.catch(() => undefined)
  const { openConsole } = await import('./open-console.js')
  await openConsole(configuration, returned)
}

void start()
