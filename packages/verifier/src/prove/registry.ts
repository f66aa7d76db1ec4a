import type { Property } from './obligation.js'
import { auditor } from './properties/auditor.js'
import { noContext } from './properties/no-context.js'
import { orgRead } from './properties/org-read.js'
import { orgWrite } from './properties/org-write.js'
import { publicProjection } from './properties/public-projection.js'
import { rowHop } from './properties/row-hop.js'
import { tenantRead } from './properties/tenant-read.js'
import { tenantWrite } from './properties/tenant-write.js'

/** Every property; a command counts as proven when all that apply to it are. */
export const properties: readonly Property[] = [
  tenantRead,
  tenantWrite,
  rowHop,
  orgRead,
  orgWrite,
  publicProjection,
  auditor,
  noContext,
]
