import type { ReactNode } from 'react'
import type { Root } from 'react-dom/client'
import { createApi } from './api/client.js'
import { problemOf } from './api/problem.js'
import { openTransport } from './api/transport.js'
import type { Configuration } from './configuration.js'
import { ConsoleApp, DocumentContext } from './console-app.js'
import { preloadPage } from './pages/preload-page.js'
import { NoSession, openPlace, refusedSignIn } from './session/open-place.js'
import { placeOf } from './session/place.js'
import { beginSignIn } from './session/sign-in.js'
import type { Returned } from './session/sign-in.js'
import type { ProviderTokens } from './session/tokens.js'
import { Nowhere } from './states/nowhere.js'
import { StartProblem } from './states/start-problem.js'
import { Themed } from './theme/themed.js'

type Show = (content: ReactNode) => void

/** How long after its start a document holds a sign-in for fresh, in milliseconds. */
const freshFor = 15_000

/**
 * Opens the place that the address names and shows it.
 *
 * @param returned who came back from the provider; null for the public
 */
export async function startConsole(
  root: Root,
  configuration: Configuration,
  returned: Returned | null,
): Promise<void> {
  const show: Show = (content) =>
    root.render(<Themed nonce={configuration.styleNonce}>{content}</Themed>)
  try {
    if (returned === null) return await showPlace(configuration, null, show)
    preloadPage(new URL(returned.returnTo, location.origin).pathname)
    const result = await returned.result
    if (result.kind === 'refused') {
      return show(<StartProblem title="You are not signed in" reason={result.reason} />)
    }
    history.replaceState(null, '', returned.returnTo)
    await showPlace(configuration, result.tokens, show)
  } catch (error) {
    if (error instanceof NoSession) {
      return show(<StartProblem title="You cannot be let in" reason={error.message} />)
    }
    const { title, detail } = problemOf(error)
    show(<StartProblem title={title} reason={detail ?? ''} />)
  }
}

async function showPlace(
  configuration: Configuration,
  tokens: ProviderTokens | null,
  show: Show,
): Promise<void> {
  const at = placeOf(location.pathname)
  if (at.place.kind === 'public') {
    const bearer = (): Promise<null> => Promise.resolve(null)
    const transport = openTransport({ tenantId: null, bearer, onSignedOut: () => undefined })
    return show(<ConsoleApp api={createApi(transport)} at={at} placed={null} />)
  }
  if (tokens === null) return beginSignIn(configuration, location.href)
  const startedAt = performance.now()
  const signInAgain = (): void => {
    // Whoever comes straight from the provider would be sent around for ever.
    if (performance.now() - startedAt < freshFor) return show(<RefusedSignIn />)
    void beginSignIn(configuration, location.href)
  }
  const opened = await openPlace(configuration, at.place, tokens, signInAgain)
  switch (opened.kind) {
    case 'ready':
      return show(<ConsoleApp api={opened.api} at={at} placed={opened.placed} />)
    case 'elsewhere':
      history.replaceState(null, '', opened.path)
      return showPlace(configuration, tokens, show)
    case 'nowhere':
      return show(
        <DocumentContext api={opened.api} placed={opened.placed}>
          <Nowhere placed={opened.placed} />
        </DocumentContext>,
      )
  }
}

function RefusedSignIn(): ReactNode {
  return <StartProblem title="You cannot be let in" reason={refusedSignIn} />
}
