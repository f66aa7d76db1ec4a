import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadParser } from '../../expr/index.js'
import { readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot } from 'watertight/catalog'
import { defineTenancy } from 'watertight/model'
import type { TenancyModel } from 'watertight/model'
import { createTestDatabase } from '../../../../../test/database.js'
import type { TestDatabase } from '../../../../../test/database.js'
import type { SchemaCase } from '../../../test/prove/schema-case.js'
import { schemaCases } from '../../../test/prove/schemas/index.js'
import { sharedSolver } from '../../../test/shared-solver.js'
import { runtimeRoles } from '../../graph/runtime-roles.js'
import type { ProofResult } from '../../prove/proof-result.js'
import { proveIsolation } from '../../prove/prove-isolation.js'
import type { Solver } from '../../prove/solver.js'
import { inferModel } from './infer-model.js'

let solver: Solver

beforeAll(async () => {
  await loadParser()
  solver = await sharedSolver()
})

const patience = 120_000

const roleNames = ['app', 'anon', 'service', 'owner'] as const

/** A schema of its own database, its roles, and the catalog that a change of it would have. */
class SchemaDatabase {
  readonly database: TestDatabase
  readonly #case: SchemaCase

  constructor(database: TestDatabase, entry: SchemaCase) {
    this.database = database
    this.#case = entry
  }

  role(name: (typeof roleNames)[number]): string {
    return `${this.database.rolePrefix}_${name}`
  }

  filled(text: string): string {
    return roleNames.reduce((rest, name) => rest.replaceAll(`{${name}}`, this.role(name)), text)
  }

  async build(): Promise<void> {
    const { admin } = this.database
    const bypass = this.#case.ownerBypasses === true ? 'bypassrls' : ''
    await admin.query(
      this
        .filled(`create role {app}; create role {anon}; create role {service} bypassrls; create role {owner} ${bypass};
        alter schema public owner to {owner}; grant usage on schema public to {app}, {anon}, {service};
        ${this.#case.setup ?? ''};
        do $$ begin execute format('grant create on database %I to {owner}', current_database()); end $$`),
    )
    await admin.query(this.filled(`set role {owner}; ${this.#case.sql}; reset role`))
  }

  async catalogWith(change: string): Promise<CatalogSnapshot> {
    const { admin } = this.database
    await admin.query('begin')
    try {
      await admin.query(this.filled(`set local role {owner}; ${change}; reset role`))
      return await readCatalog(admin, { schemas: 'all' })
    } finally {
      await admin.query('rollback')
    }
  }

  model(): TenancyModel {
    return defineTenancy({
      ...this.#case.config,
      roles: {
        app: this.role('app'),
        public: this.role('anon'),
        owner: this.role('owner'),
        migrator: null,
        auditor: null,
        worker: null,
        platform: null,
      },
    })
  }
}

const prove = (model: TenancyModel, catalog: CatalogSnapshot): Promise<readonly ProofResult[]> =>
  proveIsolation({ model, catalog, roles: runtimeRoles(model, catalog), solver })

/** Cells that are not proven, by `table COMMAND role`, with the reason. */
function openCells(
  results: readonly ProofResult[],
  at: SchemaDatabase,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    results
      .filter(({ verdict }) => verdict !== 'proven')
      .map(({ object, command, role, verdict, reason }) => [
        `${object} ${command} ${role.slice(at.database.rolePrefix.length + 1)}`,
        `${verdict}: ${reason}`,
      ]),
  )
}

function provenCells(results: readonly ProofResult[], at: SchemaDatabase): readonly string[] {
  return results
    .filter(({ verdict }) => verdict === 'proven')
    .map(
      ({ object, command, role }) =>
        `${object} ${command} ${role.slice(at.database.rolePrefix.length + 1)}`,
    )
}

/** What the open cells must be: each with a part of its reason. */
function expectedCells(cells: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(cells).map(([cell, reason]) => [cell, expect.stringContaining(reason)]),
  )
}

describe.each(schemaCases)('$name', { timeout: patience }, (entry) => {
  let at: SchemaDatabase
  let catalog: CatalogSnapshot

  beforeAll(async () => {
    at = new SchemaDatabase(await createTestDatabase(), entry)
    await at.build()
    catalog = await at.catalogWith('select 1')
  })
  afterAll(() => at.database.drop())

  it('is proven as declared', async () => {
    const cells = openCells(await prove(at.model(), catalog), at)
    expect(cells).toEqual(expectedCells(entry.open ?? {}))
  })

  it('is recognised without a declaration', async () => {
    const { model } = inferModel(catalog)
    expect(model).toMatchObject({
      context: entry.inferred.context,
      tenantKey: { column: entry.inferred.column },
      roles: { app: at.role('app') },
    })
    const cells = openCells(await prove(model, catalog), at)
    expect(cells).toEqual(expectedCells(entry.openWhenInferred ?? entry.open ?? {}))
  })

  it.each(entry.twins)('is not proven when $name', async ({ sql, leaks }) => {
    const changed = await at.catalogWith(sql)
    for (const model of [at.model(), inferModel(changed).model]) {
      const cells = provenCells(await prove(model, changed), at)
      const named = leaks.map((cell) => (cell.split(' ').length === 2 ? `${cell} app` : cell))
      expect(cells.filter((cell) => named.includes(cell))).toEqual([])
    }
  })
})
