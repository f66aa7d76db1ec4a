import { capability, identifier } from '../names.js'
import { readFields } from '../parsing/fields.js'
import type { Parser } from '../parsing/parser.js'
import { flag, listOf, oneOf, text } from '../parsing/parser.js'
import type {
  Command,
  OwnRows,
  PublicProjection,
  ScopeClass,
  SharedThrough,
  TableDeclaration,
  TableName,
  Through,
} from '../tenancy-model.js'

const allCommands = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const

export const defaultMemberUserColumn = 'user_id'

/** `tenantColumn` is null until the tenant column of the shared table is known. */
export type SharedThroughDraft = Omit<SharedThrough, 'tenantColumn'> & {
  readonly tenantColumn: string | null
}

export type TableDeclarationDraft = Omit<TableDeclaration, 'table' | 'sharedThrough'> & {
  readonly sharedThrough: SharedThroughDraft | null
}

const scopes: readonly ScopeClass[] = ['global', 'tenant', 'org', 'self']

const command: Parser<Command> = oneOf(allCommands)

const commandInAnyCase: Parser<Command> = (value, at) =>
  command(
    typeof value === 'string' && value === value.toLowerCase() ? value.toUpperCase() : value,
    at,
  )

/** Commands in a fixed order, each once. */
const commandList: Parser<readonly Command[]> = (value, at) => {
  const listed = listOf(commandInAnyCase)(value, at)
  return listed && allCommands.filter((each) => listed.includes(each))
}

/** What members may run unless declared otherwise. */
export function defaultCommands(appendOnly: boolean): readonly Command[] {
  return appendOnly ? ['SELECT', 'INSERT'] : allCommands
}

function through(table: Parser<TableName>): Parser<Through> {
  return (value, at) => {
    if (typeof value === 'string') {
      const name = table(value, at)
      return name === undefined ? undefined : { table: name, foreignKey: null }
    }
    const fields = readFields(value, at, ['table', 'foreignKey'])
    const name = fields.required('table', table)
    const foreignKey = fields.required('foreignKey', identifier) ?? null
    return name === undefined ? undefined : { table: name, foreignKey }
  }
}

function sharedThrough(table: Parser<TableName>): Parser<SharedThroughDraft> {
  return (value, at) => {
    const fields = readFields(value, at, ['table', 'userColumn', 'tenantColumn'])
    const name = fields.required('table', table)
    const userColumn = fields.optional('userColumn', identifier) ?? defaultMemberUserColumn
    const tenantColumn = fields.optional('tenantColumn', identifier) ?? null
    return name === undefined ? undefined : { table: name, userColumn, tenantColumn }
  }
}

function ownRows(table: Parser<TableName>): Parser<OwnRows> {
  return (value, at) => {
    const fields = readFields(value, at, ['userColumn', 'through', 'unless'])
    return {
      userColumn: fields.optional('userColumn', identifier) ?? null,
      through: fields.optional('through', through(table)) ?? null,
      unless: fields.optional('unless', capability) ?? null,
    }
  }
}

function publicProjection(table: Parser<TableName>): Parser<PublicProjection> {
  return (value, at) => {
    const fields = readFields(value, at, ['where', 'columns', 'through'])
    return {
      where: fields.optional('where', text) ?? null,
      columns: fields.optional('columns', listOf(identifier, { atLeast: 1 })) ?? null,
      through: fields.optional('through', through(table)) ?? null,
    }
  }
}

const auditorAccess: Parser<TableDeclaration['auditor']> = (value, at) => {
  if (value === true) return { redact: [] }
  if (value === false) return null
  const fields = readFields(value, at, ['redact'])
  return { redact: fields.required('redact', listOf(identifier)) ?? [] }
}

/** One entry of `tables`, without the name it is declared under. */
export function tableDeclaration(table: Parser<TableName>): Parser<TableDeclarationDraft> {
  return (value, at) => {
    const fields = readFields(value, at, [
      'scope',
      'through',
      'tenantColumn',
      'orgColumn',
      'userColumn',
      'sharedThrough',
      'ownRows',
      'public',
      'appendOnly',
      'auditor',
      'commands',
      'workerCommands',
    ])
    const appendOnly = fields.optional('appendOnly', flag) ?? false
    const commands = fields.optional('commands', commandList) ?? defaultCommands(appendOnly)
    return {
      scope: fields.optional('scope', oneOf(scopes)) ?? null,
      through: fields.optional('through', through(table)) ?? null,
      tenantColumn: fields.optional('tenantColumn', identifier) ?? null,
      orgColumn: fields.optional('orgColumn', identifier) ?? null,
      userColumn: fields.optional('userColumn', identifier) ?? null,
      sharedThrough: fields.optional('sharedThrough', sharedThrough(table)) ?? null,
      ownRows: fields.optional('ownRows', ownRows(table)) ?? null,
      public: fields.optional('public', publicProjection(table)) ?? null,
      appendOnly,
      auditor: fields.optional('auditor', auditorAccess) ?? null,
      commands,
      workerCommands: fields.optional('workerCommands', commandList) ?? commands,
    }
  }
}
