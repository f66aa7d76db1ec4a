import { identifier, roleName } from '../names.js'
import { readEntries, readFields } from '../parsing/fields.js'
import type { Parser } from '../parsing/parser.js'
import { listOf, oneOf, text } from '../parsing/parser.js'
import { formatTableName, tableKey } from '../table-name.js'
import type {
  DisclosedTable,
  Disclosure,
  RoleNames,
  RuntimeRole,
  TableName,
} from '../tenancy-model.js'
import { rolePrefixOf } from './role-names-input.js'

const modes: readonly RuntimeRole[] = ['app', 'public', 'auditor', 'worker', 'platform']

/** `role` is null until the names of the other roles are known. */
export interface DisclosuresDraft {
  readonly role: string | null
  readonly functions: readonly Disclosure[]
}

/** The role that disclosures run as unless declared; null where roles are not named by prefix. */
export function defaultDisclosureRole(roles: RoleNames): string | null {
  const prefix = rolePrefixOf(roles)
  return prefix === null ? null : `${prefix}_directory`
}

/** Columns by table, in the order they were written. */
function columnsByTable(table: Parser<TableName>): Parser<readonly DisclosedTable[]> {
  return (value, at) => {
    const found = new Map<string, DisclosedTable>()
    for (const [written, entry] of readEntries(value, at) ?? []) {
      const place = at.key(written)
      const name = table(written, place)
      const columns = listOf(identifier, { atLeast: 1 })(entry, place)
      if (name === undefined || columns === undefined) continue
      const key = tableKey(name)
      if (found.has(key)) place.report(`names ${key} a second time`)
      else found.set(key, { table: name, columns })
    }
    return [...found.values()]
  }
}

/** Tables by name, each once however it is quoted. */
function tableList(table: Parser<TableName>): Parser<readonly TableName[]> {
  return (value, at) => {
    const found = new Map<string, TableName>()
    const written: Parser<string> = (entry, place) => {
      const name = table(entry, place)
      if (name === undefined) return undefined
      found.set(formatTableName(name), name)
      return formatTableName(name)
    }
    return listOf(written)(value, at)?.flatMap((name) => found.get(name) ?? [])
  }
}

function disclosure(table: Parser<TableName>): Parser<Omit<Disclosure, 'function'>> {
  return (value, at) => {
    const fields = readFields(value, at, [
      'modes',
      'callers',
      'reads',
      'inserts',
      'updates',
      'deletes',
      'reason',
    ])
    const columns = columnsByTable(table)
    const callers = fields.optional('callers', listOf(roleName, { atLeast: 1 })) ?? []
    const ofModes = listOf(oneOf(modes), { atLeast: 1 })
    const executors =
      callers.length > 0
        ? (fields.optional('modes', ofModes) ?? [])
        : fields.required('modes', ofModes)
    const reason = fields.required('reason', text)
    const reads = fields.optional('reads', columns) ?? []
    const inserts = fields.optional('inserts', columns) ?? []
    const updates = fields.optional('updates', columns) ?? []
    const deletes = fields.optional('deletes', tableList(table)) ?? []
    if (executors === undefined || reason === undefined) return undefined
    return { modes: executors, callers, reads, inserts, updates, deletes, reason }
  }
}

/** Functions that answer across tenants, by name: one function of each name. */
function functions(name: Parser<TableName>): Parser<readonly Disclosure[]> {
  return (value, at) => {
    const found = new Map<string, Disclosure>()
    for (const [written, entry] of readEntries(value, at) ?? []) {
      const place = at.key(written)
      const named = name(written, place)
      const declared = disclosure(name)(entry, place)
      if (named === undefined || declared === undefined) continue
      const key = tableKey(named)
      if (named.schema === 'watertight') place.report("is watertight's own schema")
      else if (found.has(key)) place.report(`declares ${key} a second time`)
      else found.set(key, { function: named, ...declared })
    }
    return [...found.values()]
  }
}

export function disclosures(name: Parser<TableName>): Parser<DisclosuresDraft> {
  return (value, at) => {
    const fields = readFields(value, at, ['role', 'functions'])
    return {
      role: fields.optional('role', roleName) ?? null,
      functions: fields.required('functions', functions(name)) ?? [],
    }
  }
}
