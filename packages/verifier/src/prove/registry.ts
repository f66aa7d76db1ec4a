import type { Property } from './obligation.js'
import { rowHop } from './properties/row-hop.js'
import { tenantRead } from './properties/tenant-read.js'
import { tenantWrite } from './properties/tenant-write.js'

/** Every property; a command counts as proven when all that apply to it are. */
export const properties: readonly Property[] = [tenantRead, tenantWrite, rowHop]
