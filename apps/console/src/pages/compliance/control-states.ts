import { options } from '../../lists/pick.js'

/** Where a tenant can stand with a control. */
export const controlStates: ReturnType<typeof options> = options(
  'not_started',
  'in_progress',
  'implemented',
  'not_applicable',
)
