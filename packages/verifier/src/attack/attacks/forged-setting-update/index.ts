import { withForgedContext } from '../../forged-context/with-forged-context.js'
import type { Attack } from '../../attack.js'
import { blindUpdate } from '../blind-update/index.js'

/** Updates rows of another tenant by setting what policies trust without reason. */
export const forgedSettingUpdate: Attack = withForgedContext(blindUpdate, {
  id: 'forged-setting-update',
  title: 'Updates rows of another tenant by setting an input that is no part of the context.',
})
