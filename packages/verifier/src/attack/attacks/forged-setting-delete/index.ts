import { withForgedContext } from '../../forged-context/with-forged-context.js'
import type { Attack } from '../../attack.js'
import { blindDelete } from '../blind-delete/index.js'

/** Deletes rows of another tenant by setting what policies trust without reason. */
export const forgedSettingDelete: Attack = withForgedContext(blindDelete, {
  id: 'forged-setting-delete',
  title: 'Deletes rows of another tenant by setting an input that is no part of the context.',
})
