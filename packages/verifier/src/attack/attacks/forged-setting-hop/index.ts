import { withForgedContext } from '../../forged-context/with-forged-context.js'
import type { Attack } from '../../attack.js'
import { rowHop } from '../row-hop/index.js'

/** Moves its own rows to another tenant by setting what policies trust without reason. */
export const forgedSettingHop: Attack = withForgedContext(rowHop, {
  id: 'forged-setting-hop',
  title: 'Moves its own row to another tenant by setting an input that is no part of the context.',
})
