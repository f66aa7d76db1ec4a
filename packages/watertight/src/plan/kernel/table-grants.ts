import type { Command } from '../../model/index.js'
import { tableKey } from '../../model/index.js'
import type { BoundModel, BoundTable } from '../bound-model.js'
import { kernelOwner } from '../planning.js'
import { disclosedOn } from './disclosed-tables.js'
import { kernelReads, platformCommands } from './table-policies.js'

/** What one role may do on one table: whole-table commands, or SELECT of some columns. */
export interface TableGrant {
  readonly role: string
  readonly commands: readonly Command[]
  /** Columns of a column-limited SELECT; null for none. */
  readonly columns: readonly string[] | null
  /** Columns that may be written one by one. */
  readonly written?: readonly { readonly command: 'INSERT' | 'UPDATE'; readonly column: string }[]
}

/** Every grant that the isolation layer needs on a table; partitions are reached through their root. */
export function tableGrants(bound: BoundModel, table: BoundTable): readonly TableGrant[] {
  if (table.isPartition) return []
  return [
    whole(bound.model.roles.app, table.scope === 'global' ? ['SELECT'] : table.commands),
    ...workerGrants(bound, table),
    ...auditorGrants(bound, table),
    ...platformGrants(bound, table),
    ...publicGrants(bound, table),
    ...kernelGrants(bound, table),
    ...disclosureGrants(bound, table),
  ]
}

function whole(role: string, commands: readonly Command[]): TableGrant {
  return { role, commands, columns: null }
}

function workerGrants({ model }: BoundModel, table: BoundTable): readonly TableGrant[] {
  const role = model.roles.worker
  if (role === null) return []
  const isTenantless = table.scope === 'self' && !table.tenant
  if (isTenantless) return table.shared ? [whole(role, ['SELECT'])] : []
  return [whole(role, table.scope === 'global' ? ['SELECT'] : table.workerCommands)]
}

function auditorGrants({ model }: BoundModel, table: BoundTable): readonly TableGrant[] {
  const role = model.roles.auditor
  if (role === null) return []
  if (table.scope === 'global') return [whole(role, ['SELECT'])]
  if (!table.auditor || !table.tenant) return []
  const { redact } = table.auditor
  if (redact.length === 0) return [whole(role, ['SELECT'])]
  return [{ role, commands: [], columns: readableColumns(table, redact) }]
}

/** The columns of a table that are not redacted. */
function readableColumns(table: BoundTable, redact: readonly string[]): readonly string[] {
  return table.relation.columns.map(({ name }) => name).filter((name) => !redact.includes(name))
}

function platformGrants({ model }: BoundModel, table: BoundTable): readonly TableGrant[] {
  const role = model.roles.platform
  if (role === null || (model.context.kind === 'membership' && table.scope !== 'global')) return []
  if (table.scope === 'global' || table.tenant) return [whole(role, platformCommands(model, table))]
  return table.shared ? [whole(role, ['SELECT'])] : []
}

function publicGrants({ model }: BoundModel, table: BoundTable): readonly TableGrant[] {
  const role = model.roles.public
  if (role === null || !table.public) return []
  return [{ role, commands: [], columns: table.public.columns }]
}

function kernelGrants(bound: BoundModel, table: BoundTable): readonly TableGrant[] {
  const role = kernelOwner(bound)
  if (role === table.relation.owner) return []
  const read = kernelReads(bound).find(({ key }) => key === tableKey(table.relation))
  if (!read) return []
  if (read.columns === null) return [whole(role, ['SELECT'])]
  return [{ role, commands: [], columns: read.columns }]
}

function disclosureGrants({ model }: BoundModel, table: BoundTable): readonly TableGrant[] {
  const disclosed = disclosedOn(model, table.relation)
  if (disclosed === null) return []
  const { role, reads, inserts, updates, deletes } = disclosed
  return [
    {
      role,
      commands: deletes ? ['DELETE'] : [],
      columns: reads,
      written: [
        ...inserts.map((column) => ({ command: 'INSERT' as const, column })),
        ...updates.map((column) => ({ command: 'UPDATE' as const, column })),
      ],
    },
  ]
}
