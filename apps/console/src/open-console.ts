import '@mantine/core/styles.css'
import { installTrustedTypes } from './trusted-types.js'
import { createRoot } from 'react-dom/client'
import type { Configuration } from './configuration.js'
import { forgetOnLeave } from './session/forget-on-leave.js'
import type { Returned } from './session/sign-in.js'
import { startConsole } from './start-console.js'

/** Shows the console in the page: the public one, or that of who came back from the provider. */
export async function openConsole(
  configuration: Configuration,
  returned: Returned | null,
): Promise<void> {
  installTrustedTypes()
  // The name by which the scroll lock of dialogues looks for the nonce of its style sheet.
  Object.assign(globalThis, { __webpack_nonce__: configuration.styleNonce })
  const container = document.querySelector('#root')
  if (container === null) throw new Error('the page has no #root')
  const root = createRoot(container)
  forgetOnLeave(root)
  await startConsole(root, configuration, returned)
}
