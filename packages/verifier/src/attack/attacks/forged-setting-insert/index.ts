import { withForgedContext } from '../../forged-context/with-forged-context.js'
import type { Attack } from '../../attack.js'
import { foreignInsert } from '../foreign-insert/index.js'

/** Inserts a row of another tenant by setting what policies trust without reason. */
export const forgedSettingInsert: Attack = withForgedContext(foreignInsert, {
  id: 'forged-setting-insert',
  title: 'Inserts a row of another tenant by setting an input that is no part of the context.',
})
