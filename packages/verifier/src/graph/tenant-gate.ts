import type { Relation } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import type { CoverageRow, SourceReach, TenantSource } from '../findings/index.js'
import type { Access } from './access.js'
import type { OpaquePart, Reaches } from './reaches.js'

/** Whether something proves that a source keeps tenants apart, and what. */
export type Gate = Pick<TenantSource, 'gate' | 'reason'>

/** Judges sources by the coverage cells they lead to. */
export interface GateKeeper {
  /** A relation with coverage cells of its own; null when there are none. */
  ofCells(role: string, object: string, commands: readonly Command[]): Gate | null
  /** What lies behind a view, function, trigger or rule. */
  ofReaches(role: string, reaches: Reaches): Gate
}

/** Commands by the access they are. */
const commandsBy: Readonly<Record<SourceReach['access'], readonly Command[]>> = {
  reads: ['SELECT'],
  writes: ['INSERT', 'UPDATE', 'DELETE'],
}

/** Reads the cells once. */
export function gateKeeper(
  coverage: readonly CoverageRow[],
  access: Access,
  relations: ReadonlyMap<string, Relation>,
): GateKeeper {
  const cells = new Map<string, CoverageRow[]>()
  for (const row of coverage) {
    const key = `${row.role} ${row.object}`
    const rows = cells.get(key)
    if (rows === undefined) cells.set(key, [row])
    else rows.push(row)
  }

  const ofCells = (role: string, object: string, commands: readonly Command[]): Gate | null => {
    const rows = (cells.get(`${role} ${object}`) ?? []).filter(({ command }) =>
      commands.includes(command),
    )
    if (rows.length === 0) return null
    const open = rows.find(({ verdict }) => verdict === 'leak' || verdict === 'unknown')
    if (open !== undefined) {
      return listed(`${open.command} is ${open.verdict}: ${open.reason}`)
    }
    const proven = rows.filter(({ verdict }) => verdict === 'proven')
    if (proven.length > 0) {
      return { gate: 'proven', reason: `${proven.map(({ command }) => command).join(', ')} proven` }
    }
    return { gate: 'proven', reason: rows[0]?.reason ?? '' }
  }

  const ofReach = (role: string, { table, access: way, as, through }: SourceReach): Gate => {
    const actor = as ?? role
    const relation = relations.get(table)
    const chain = through.length === 0 ? '' : ` through ${through.join(', ')}`
    if (as !== null && relation !== undefined && isUnbound(access, as, relation)) {
      return listed(`${way} ${table}${chain} as ${as}, whom its policies do not bind`)
    }
    const found = ofCells(actor, table, commandsBy[way])
    if (found === null) {
      return listed(`${way} ${table}${chain} as ${actor} under its policies, which is not proven`)
    }
    return found.gate === 'proven' ? found : listed(`${way} ${table}: ${found.reason}`)
  }

  return {
    ofCells,
    ofReaches: (role, { reaches, opaque }) => {
      const open = reaches
        .map((reach) => ofReach(role, reach))
        .find(({ gate }) => gate === 'listed')
      if (open !== undefined) return open
      const hidden = opaque.find(isElevated)
      if (hidden !== undefined) {
        const as = hidden.as === null ? '' : `, run as ${hidden.as}`
        return listed(`${hidden.name} holds ${hidden.reason}, which cannot be read${as}`)
      }
      const tables = [...new Set(reaches.map(({ table }) => table))].join(', ')
      return { gate: 'proven', reason: `${tables} behind proven policies` }
    },
  }
}

/** Not the caller's own rights: what it does is not bound by the caller's cells. */
export function isElevated({ as, isUntrusted }: OpaquePart): boolean {
  return as !== null || isUntrusted
}

function isUnbound(access: Access, role: string, relation: Relation): boolean {
  return !relation.rls.enabled || access.bypassesRls(role, relation)
}

function listed(reason: string): Gate {
  return { gate: 'listed', reason }
}
