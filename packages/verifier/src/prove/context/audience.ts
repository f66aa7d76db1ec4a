import type { Subject } from '../encode/encoding.js'
import type { Obligation } from '../obligation.js'
import { kindOf } from './reader.js'

/** The role works inside tenants: the application, workers, the platform by a grant, or unnamed. */
export function isOfMembers({ model }: Subject, { role }: Obligation): boolean {
  const kind = kindOf(model, role)
  return kind !== 'public' && kind !== 'auditor'
}
