import { formatTableName } from '../table-name.js'
import type { TableInput } from '../tenancy-input.js'
import type {
  Command,
  OwnRows,
  PublicProjection,
  TableDeclaration,
  TableName,
  Through,
} from '../tenancy-model.js'
import { defaultCommands, defaultMemberUserColumn } from './table-declaration.js'

function throughToInput({ table, foreignKey }: Through): NonNullable<TableInput['through']> {
  const name = formatTableName(table)
  return foreignKey === null ? name : { table: name, foreignKey }
}

function publicToInput({
  where,
  columns,
  through,
}: PublicProjection): TableInput['public'] & object {
  return {
    ...(where !== null && { where }),
    ...(columns !== null && { columns: [...columns] }),
    ...(through !== null && { through: throughToInput(through) }),
  }
}

function ownRowsToInput({
  userColumn,
  through,
  unless,
}: OwnRows): NonNullable<TableInput['ownRows']> {
  return {
    ...(userColumn !== null && { userColumn }),
    ...(through !== null && { through: throughToInput(through) }),
    ...(unless !== null && { unless }),
  }
}

function areSame(some: readonly Command[], others: readonly Command[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each))
}

/** The declaration of one table without what is default. */
export function tableToInput(
  declaration: TableDeclaration,
  tenantColumnFor: (table: TableName) => string,
): TableInput {
  const { scope, through, tenantColumn, orgColumn, userColumn, appendOnly } = declaration
  const { sharedThrough: shared, ownRows, auditor, commands, workerCommands } = declaration
  return {
    ...(scope !== null && { scope }),
    ...(through !== null && { through: throughToInput(through) }),
    ...(tenantColumn !== null && { tenantColumn }),
    ...(orgColumn !== null && { orgColumn }),
    ...(userColumn !== null && { userColumn }),
    ...(shared !== null && {
      sharedThrough: {
        table: formatTableName(shared.table),
        ...(shared.userColumn !== defaultMemberUserColumn && { userColumn: shared.userColumn }),
        ...(shared.tenantColumn !== tenantColumnFor(shared.table) && {
          tenantColumn: shared.tenantColumn,
        }),
      },
    }),
    ...(ownRows !== null && { ownRows: ownRowsToInput(ownRows) }),
    ...(declaration.public !== null && { public: publicToInput(declaration.public) }),
    ...(appendOnly && { appendOnly }),
    ...(auditor !== null && {
      auditor: auditor.redact.length === 0 ? true : { redact: [...auditor.redact] },
    }),
    ...(!areSame(commands, defaultCommands(appendOnly)) && { commands: [...commands] }),
    ...(!areSame(workerCommands, commands) && { workerCommands: [...workerCommands] }),
  }
}
