import { withForgedContext } from '../../forged-context/with-forged-context.js'
import type { Attack } from '../../attack.js'
import { foreignSelect } from '../foreign-select/index.js'

/** Reads rows of another tenant by setting what policies trust without reason. */
export const forgedSettingSelect: Attack = withForgedContext(foreignSelect, {
  id: 'forged-setting-select',
  title: 'Reads rows of another tenant by setting an input that is no part of the context.',
})
