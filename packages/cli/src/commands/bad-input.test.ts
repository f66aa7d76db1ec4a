import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { catalogHash, readCatalog } from 'watertight/catalog'
import { ident, sql } from 'watertight/sql'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { startEmbeddedPostgres } from '../embedded-postgres/index.js'
import { createProject, shopDeclaration, shopTables } from '../testing/project.js'
import type { Project } from '../testing/project.js'
import { runCli } from '../testing/run-cli.js'

let database: TestDatabase
let project: Project

beforeAll(async () => {
  database = await createTestDatabase()
  await database.admin.query(shopTables)
  project = await createProject(shopDeclaration(database.rolePrefix))
  await mkdir(join(project.folder, 'empty'))
  await project.write(
    'broken.sql',
    'create table a (id int);\n\ncreate table b (\n  id nonsense\n);',
  )
  await project.write('custom.dump', 'PGDMP\u0001\u000e\u0000rest')
  await project.write('not.plan.json', '{"format": "watertight.plan/9"}')
  await project.write('throws.config.ts', "throw new Error('no DATABASE in the environment')\n")
  await project.write('empty.config.ts', 'export const model = 1\n')
  await project.write(
    'unknown-key.config.ts',
    "import { defineTenancy } from 'watertight'\nexport default defineTenancy({ schemas: ['app'], tabels: {} } as never)\n",
  )
  await project.write(
    'unknown-table.config.json',
    JSON.stringify({
      ...shopDeclaration(database.rolePrefix),
      tables: { 'app.invoice': { scope: 'tenant' } },
    }),
  )
})

afterAll(async () => {
  await project.remove()
  await database.drop()
})

const closedPort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 1
}

interface Case {
  readonly what: string
  readonly args: readonly string[]
  readonly exit: number
  readonly code: string
  /** What the message has to name: the object, and the next step. */
  readonly names: readonly RegExp[]
  readonly withoutUrl?: boolean
}

const cases: readonly Case[] = [
  {
    what: 'consent to what is no hazard',
    args: ['apply', '--allow', 'WIDEN_ACCESS:app.invoices'],
    exit: 64,
    code: 'USAGE',
    names: [/--allow WIDEN_ACCESS:app\.invoices names no hazard; did you mean WIDENS_ACCESS\?/],
  },
  {
    what: 'consent that ends with a colon',
    args: ['rollback', '--allow', 'DROPS_POLICY:'],
    exit: 64,
    code: 'USAGE',
    names: [/names no object behind the colon/],
  },
  {
    what: 'an unknown verb',
    args: ['chekc'],
    exit: 64,
    code: 'USAGE',
    names: [/no verb chekc; did you mean check\?/, /watertight --help/],
  },
  {
    what: 'an unknown flag',
    args: ['plan', '--qsl'],
    exit: 64,
    code: 'USAGE',
    names: [/--qsl is no flag of plan; did you mean --sql\?/, /plan --help/],
  },
  {
    what: 'a flag without its value',
    args: ['plan', '--out', '--sql'],
    exit: 64,
    code: 'USAGE',
    names: [/--out needs a value: DIR/],
  },
  {
    what: 'a value that is no choice',
    args: ['plan', '--format', 'jsn'],
    exit: 64,
    code: 'USAGE',
    names: [/--format is pretty\|json, not jsn; did you mean json\?/],
  },
  {
    what: 'one argument too many',
    args: ['status', 'postgres://a', 'postgres://b'],
    exit: 64,
    code: 'USAGE',
    names: [/postgres:\/\/b is one argument too many/],
  },
  {
    what: 'no database at all',
    args: ['plan'],
    exit: 64,
    code: 'USAGE',
    names: [/no database is named/, /DATABASE_URL/],
    withoutUrl: true,
  },
  {
    what: 'a URL that is none',
    args: ['plan', '--url', 'mysql://root:hunter2@localhost/acme'],
    exit: 64,
    code: 'INVALID_INPUT',
    names: [/--url is not the URL of a database/, /postgres:\/\/user@host/],
  },
  {
    what: 'a configuration file that is not there',
    args: ['plan', '--config', 'nowhere.ts'],
    exit: 64,
    code: 'INVALID_INPUT',
    names: [/nowhere\.ts/, /watertight init/],
  },
  {
    what: 'a configuration file that throws',
    args: ['plan', '--config', 'throws.config.ts'],
    exit: 64,
    code: 'INVALID_INPUT',
    names: [/throws\.config\.ts does not load: no DATABASE in the environment/, /default export/],
  },
  {
    what: 'a configuration file without default export',
    args: ['plan', '--config', 'empty.config.ts'],
    exit: 64,
    code: 'INVALID_INPUT',
    names: [/empty\.config\.ts: has no default export/],
  },
  {
    what: 'an unknown key in the declaration',
    args: ['plan', '--config', 'unknown-key.config.ts'],
    exit: 64,
    code: 'INVALID_MODEL',
    names: [/unknown-key\.config\.ts/, /tabels.*did you mean "tables"\?/],
  },
  {
    what: 'an unknown table in the model',
    args: ['plan', '--config', 'unknown-table.config.json'],
    exit: 64,
    code: 'MODEL_MISMATCH',
    names: [/tables\.app\.invoice: no such table/, /mend the declaration/],
  },
  {
    what: 'a plan file that is none',
    args: ['apply', '--plan', 'not.plan.json'],
    exit: 64,
    code: 'INVALID_INPUT',
    names: [/not a watertight plan/, /plan --out/],
  },
  {
    what: 'a plan file that is not there',
    args: ['apply', '--plan', 'absent.plan.json'],
    exit: 64,
    code: 'INVALID_INPUT',
    names: [/absent\.plan\.json: there is no such file/],
  },
  {
    what: 'an empty folder of migrations',
    args: ['check', 'empty'],
    exit: 64,
    code: 'INVALID_INPUT',
    names: [/empty holds no migrations/, /Name the folder/],
  },
  {
    what: 'a dump in custom format',
    args: ['check', 'custom.dump'],
    exit: 64,
    code: 'INVALID_INPUT',
    names: [/custom\.dump is a dump in custom or tar format/, /pg_restore --schema-only -f/],
  },
  {
    what: 'a file that is not there',
    args: ['check', 'absent.sql'],
    exit: 64,
    code: 'INVALID_INPUT',
    names: [/absent\.sql/, /URL of a database/],
  },
  {
    what: 'a script that does not load',
    args: ['check', 'broken.sql'],
    exit: 64,
    code: 'LOAD_FAILED',
    names: [/broken\.sql:4:6: type "nonsense" does not exist/, /next: /],
  },
  {
    what: 'nothing on stdin',
    args: ['check', '-'],
    exit: 64,
    code: 'INVALID_INPUT',
    names: [/stdin is empty/, /pg_dump/],
  },
  {
    what: 'a code that there is not',
    args: ['explain', 'STALE_PLANS'],
    exit: 64,
    code: 'USAGE',
    names: [/did you mean STALE_PLAN\?/],
  },
]

describe('bad input', () => {
  it.each(cases)('$what is refused with exit code $exit and a next step', async (bad) => {
    const before = catalogHash(await readCatalog(database.admin, { schemas: 'all' }))
    const place = {
      cwd: project.folder,
      variables: bad.withoutUrl === true ? {} : { DATABASE_URL: database.url },
    }
    const run = await runCli(bad.args, place)
    expect(run).toMatchObject({ exit: bad.exit, stdout: '' })
    expect(run.stderr).toContain(`error[${bad.code}]`)
    for (const name of bad.names) expect(run.stderr).toMatch(name)
    expect(run.stderr).not.toContain('hunter2')
    expect(catalogHash(await readCatalog(database.admin, { schemas: 'all' }))).toBe(before)
  })
})

describe('with --format json', () => {
  const parsable = cases.filter(({ args }) => !args.includes('--format'))
  it.each(parsable)('$what is one object on stdout', async ({ args, code, exit, withoutUrl }) => {
    const variables = withoutUrl === true ? {} : { DATABASE_URL: database.url }
    const run = await runCli([...args, '--format=json'], { cwd: project.folder, variables })
    expect(run.exit).toBe(exit)
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { code } })
  })
})

describe('a server that cannot be used', () => {
  const run = (url: string): ReturnType<typeof runCli> =>
    runCli(['plan', url], { cwd: project.folder })

  it('that nobody listens on is named with its port', async () => {
    const port = await closedPort()
    const { exit, stderr } = await run(`postgres://app:hunter2@127.0.0.1:${port}/acme`)
    expect(exit).toBe(69)
    expect(stderr).toContain(`error[CONNECTION_FAILED]: cannot connect to 127.0.0.1:${port}`)
    expect(stderr).toContain('next: Is PostgreSQL running')
    expect(stderr).not.toContain('hunter2')
  })

  it('whose name does not resolve is named', async () => {
    const { exit, stderr } = await run('postgres://app@no-such-host.invalid/acme')
    expect(exit).toBe(69)
    expect(stderr).toMatch(/CONNECTION_FAILED.*no-such-host\.invalid:5432/)
  })

  it('that has no such database says so', async () => {
    const { exit, stderr } = await run(database.url.replace(database.name, 'nowhere'))
    expect(exit).toBe(69)
    expect(stderr).toContain('there is no database nowhere on')
  })

  it('that refuses encryption is not spoken to in clear text', async () => {
    const { exit, stderr } = await run(`${database.url}?sslmode=require`)
    expect(exit).toBe(69)
    expect(stderr).toMatch(/no encrypted connection to .*sslmode=disable/s)
  })

  it('that is given a wrong password, or none, says whose and repeats neither', async () => {
    const server = await startEmbeddedPostgres({ auth: 'scram-sha-256' })
    try {
      const wrong = new URL(server.url)
      wrong.password = 'hunter2'
      const refused = await run(wrong.href)
      expect(refused.exit).toBe(69)
      expect(refused.stderr).toMatch(/AUTHENTICATION_FAILED.*refuses the login of postgres/)
      expect(refused.stderr).not.toContain('hunter2')
      wrong.password = ''
      const without = await run(wrong.href)
      expect(without.exit).toBe(69)
      expect(without.stderr).toContain('asks postgres for a password and none was given')
      const { password } = new URL(server.url)
      const given = await runCli(['explain', '3'], { variables: { PGPASSWORD: password } })
      expect(given.exit).toBe(0)
      const known = await runCli(['check', wrong.href, '--no-live'], {
        cwd: '/tmp',
        variables: { PGPASSWORD: password },
      })
      expect(known.exit).toBe(3)
    } finally {
      await server.stop()
    }
  })
})

describe('a role without privileges', () => {
  it('is told who could apply, and changes nothing', async () => {
    const role = `${database.rolePrefix}_nobody`
    await database.admin.query(sql`create role ${ident(role)} login`.text)
    const before = catalogHash(await readCatalog(database.admin, { schemas: 'all' }))
    const { exit, stderr } = await runCli(['apply', database.urlFor(role)], { cwd: project.folder })
    expect(exit).toBe(1)
    expect(stderr).toContain('error[MISSING_PRIVILEGE]')
    expect(stderr).toMatch(/next: connect as the migrator/i)
    expect(catalogHash(await readCatalog(database.admin, { schemas: 'all' }))).toBe(before)
  })
})
