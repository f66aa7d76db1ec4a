import '@mantine/core/styles.css'
import { installTrustedTypes } from './trusted-types.js'
import { createRoot } from 'react-dom/client'
import { readConfiguration } from './configuration.js'
import { startConsole } from './start-console.js'

installTrustedTypes()
const configuration = readConfiguration(document)
// The name by which the scroll lock of dialogues looks for the nonce of its style sheet.
Object.assign(globalThis, { __webpack_nonce__: configuration.styleNonce })
const container = document.querySelector('#root')
if (container === null) throw new Error('the page has no #root')
void startConsole(createRoot(container), configuration)
