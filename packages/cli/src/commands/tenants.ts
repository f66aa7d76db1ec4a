import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { WatertightError } from 'watertight/errors'
import type { TenancyModel } from 'watertight/model'
import type { ErasureReport } from 'watertight/tenants'
import type { CommandEnvironment } from '../command-environment.js'
import { loadConfig } from '../config/load-config.js'
import { connectionTarget } from '../connection/connection-target.js'
import { withConnection } from '../connection/open-connection.js'
import type { Connection } from '../connection/open-connection.js'
import type { ExitCode } from '../exit-codes.js'
import { didYouMean } from '../flags/closest-word.js'
import type { CommandInput } from '../flags/flag-table.js'
import { configFlags, connectionFlags, outputFlags } from '../flags/shared-flags.js'
import { count } from '../report/count.js'
import { writeJson } from '../report/json-output.js'
import { tenantFactsReader } from '../tenants/tenant-facts.js'
import { printableLine } from '../terminal/printable.js'
import type { Command } from './command.js'

const ownFlags = {
  out: {
    kind: 'text',
    value: 'PATH',
    summary: 'Export: the new folder for its files. Erase: a new file for the report.',
  },
  confirm: {
    kind: 'text',
    value: 'NAME',
    summary:
      'Erase: the name of the tenant, exactly as it is stored; without it nothing is erased.',
  },
  'dry-run': { kind: 'switch', summary: 'Erase: count the rows, and change nothing.' },
  'name-column': {
    kind: 'text',
    value: 'COLUMN',
    summary: 'Erase: column of the table of tenants that holds the name; default name.',
  },
  'hold-table': {
    kind: 'text',
    value: 'TABLE',
    summary: 'Erase: table of legal holds; its reason and released_at columns are read.',
  },
  'hold-column': {
    kind: 'text',
    value: 'COLUMN',
    summary: 'Erase: column of the table of tenants that is NULL without a legal hold.',
  },
  'no-legal-holds': {
    kind: 'switch',
    summary: 'Erase: this database keeps no legal holds. One of the three has to be said.',
  },
  search: {
    kind: 'choice',
    choices: ['columns', 'everything'],
    summary: 'Erase: look for rows that are left by tenant columns (default), or in every column.',
  },
} as const

type Flags = typeof configFlags & typeof connectionFlags & typeof ownFlags & typeof outputFlags

const flags: Flags = { ...configFlags, ...connectionFlags, ...ownFlags, ...outputFlags }

/** What {@link tenants} accepts. */
export type TenantsInput = CommandInput<Flags>

interface Action {
  readonly connection: Connection
  readonly model: TenancyModel
  readonly tenantId: string
  readonly input: TenantsInput
  readonly env: CommandEnvironment
}

const actions = { export: exportAction, erase: eraseAction } as const

/**
 * Exports all rows of a tenant as its worker role, or erases them as the migrator, with a report.
 *
 * @throws LEGAL_HOLD, CONSENT_REQUIRED, ERASURE_INCOMPLETE: nothing was erased then.
 */
export async function tenants(input: TenantsInput, env: CommandEnvironment): Promise<ExitCode> {
  const [name = '', tenantId = ''] = input.operands ?? []
  if (!isAction(name)) {
    throw new WatertightError(
      'USAGE',
      `there is no tenants ${name}${didYouMean(name, Object.keys(actions))}`,
      { hint: 'Write watertight tenants export TENANT or erase TENANT.' },
    )
  }
  const { model } = await loadConfig(input, env)
  const target = connectionTarget({ flag: input.url }, env.variables)
  return withConnection<ExitCode>(target, env, async (connection) => {
    await actions[name]({ connection, model, tenantId, input, env })
    return 0
  })
}

/** The `tenants` verb. */
export const command: Command<Flags> = {
  name: 'tenants',
  summary: 'export all rows of a tenant, or erase them with proof',
  examples: [
    {
      line: 'watertight tenants export TENANT --url postgres://worker@localhost --out dir',
      does: 'Writes JSON lines per table and a manifest; the key is in WATERTIGHT_SIGNING_KEY.',
    },
    {
      line: 'watertight tenants erase TENANT --confirm Acme --hold-table core.holds',
      does: 'Deletes every row of the tenant, proves that none is left, and prints the report.',
    },
  ],
  operands: {
    usage: 'export TENANT | erase TENANT',
    summary: 'TENANT is the id of the tenant.',
    least: 2,
    most: 2,
    words: () => Object.keys(actions),
  },
  flags,
  exits:
    '0 done, 1 denied or rows would be left, 4 legal hold or not confirmed, 64 usage, 69 server, 130 interrupted.',
  run: tenants,
}

async function exportAction({ connection, model, tenantId, input, env }: Action): Promise<void> {
  if (input.out === undefined) {
    throw new WatertightError('USAGE', 'tenants export needs --out', {
      hint: 'Name a folder that is not there yet.',
    })
  }
  const { createTxManager, parseSigningKey } = await import('watertight/runtime')
  const { pgDriver } = await import('watertight/pg')
  const { directorySink, exportTenant } = await import('watertight/tenants')
  const text = env.variables['WATERTIGHT_SIGNING_KEY']
  if (model.context.kind === 'signed' && !text) {
    throw new WatertightError('USAGE', 'WATERTIGHT_SIGNING_KEY is not set', {
      hint: 'The export runs as a job of the tenant, whose context is signed with it.',
    })
  }
  const tx = createTxManager({
    pools: { worker: pgDriver(connection.client) },
    context: model.context,
    ...(text && { signingKey: parseSigningKey(text) }),
  })
  const folder = resolve(env.cwd, input.out)
  const manifest = await exportTenant(tx, { model, tenantId, sink: directorySink(folder) })
  if (input.format === 'json') {
    writeJson(env.out, { schema: 'watertight.tenants.export/1', folder, manifest })
    return
  }
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
  const tables = count(manifest.tables.length, 'table')
  env.out.lines(`wrote ${count(rows, 'row')} of ${tables} to ${folder}`)
}

async function eraseAction({ connection, model, tenantId, input, env }: Action): Promise<void> {
  const { eraseTenant } = await import('watertight/tenants')
  const facts = tenantFactsReader(model, input)
  const isDryRun = input.dryRun ?? false
  const report = await eraseTenant(connection.db, {
    model,
    tenantId,
    facts,
    confirm: input.confirm ?? '',
    isDryRun,
    search: input.search ?? 'columns',
  })
  if (input.out !== undefined) {
    const path = resolve(env.cwd, input.out)
    await writeFile(path, `${JSON.stringify(report, null, 2)}\n`, { flag: 'wx', mode: 0o600 })
  }
  if (input.format === 'json') writeJson(env.out, report)
  else show(report, env)
}

function show(report: ErasureReport, env: CommandEnvironment): void {
  const { out } = env
  for (const { table, before, deleted } of report.tables) {
    out.lines(`${printableLine(table)}: ${report.isDryRun ? before : deleted}`)
  }
  const total = report.tables.reduce((sum, table) => sum + table.before, 0)
  const rows = count(total, 'row')
  const name = printableLine(report.tenantName)
  if (report.legalHold !== null) out.lines(`legal hold: ${printableLine(report.legalHold)}`)
  out.lines(
    report.isDryRun
      ? `${rows} of ${name} would be erased; nothing was changed`
      : `erased ${rows} of ${name}; none is left in ${count(report.remaining.length, 'table')}`,
    `sha256 of the report: ${report.sha256}`,
  )
}

function isAction(name: string): name is keyof typeof actions {
  return Object.hasOwn(actions, name)
}
