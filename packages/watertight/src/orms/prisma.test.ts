import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PrismaTenancyAdapter } from 'watertight/prisma'
import { prismaTenancy, tenancyErrorOf } from 'watertight/prisma'
import type { TenantContext, TxManager } from 'watertight/runtime'
import { withContext } from 'watertight/runtime'
import { acme, globex } from '../../../../test/runtime-harness.js'
import type { GeneratedPrisma } from '../../test/orms/prisma-client.js'
import { generatePrismaClient } from '../../test/orms/prisma-client.js'
import type { PrismaQueries, ProjectRow, ProjectsClient } from '../../test/orms/prisma-models.js'
import { prismaModels } from '../../test/orms/prisma-models.js'
import type { ProjectsHarness } from '../../test/orms/projects.js'
import { openProjectsHarness } from '../../test/orms/projects.js'
import { deferred } from './deferred.js'

let harness: ProjectsHarness
let generated: GeneratedPrisma<ProjectsClient>
let tx: TxManager
let prisma: ProjectsClient

beforeAll(async () => {
  ;[harness, generated] = await Promise.all([
    openProjectsHarness(),
    generatePrismaClient<ProjectsClient>(prismaModels),
  ])
  tx = harness.connect().tx
  prisma = prismaTenancy(tx, (adapter) => new generated.PrismaClient({ adapter }))
})
afterAll(async () => {
  await prisma?.$disconnect()
  await harness?.close()
  await generated?.remove()
})
beforeEach(() => harness.reset())

function as<Result>(context: TenantContext, fn: () => Promise<Result>): Promise<Result> {
  return withContext(context, async () => fn())
}

/** What `tx` threw, behind whatever the client made of it. */
async function codeOf(action: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await action.then(
    () => null,
    (reason: unknown) => reason,
  )
  return tenancyErrorOf(error)?.code
}

describe('queries of models', () => {
  it('see what the context may see, children included', async () => {
    const query = { include: { tasks: { orderBy: { id: 'asc' } } }, orderBy: { id: 'asc' } }
    const seen = async (): Promise<unknown> =>
      (await prisma.project.findMany(query)).map(({ name, tasks }) => [
        name,
        tasks?.map(({ title }) => title),
      ])
    expect(await as(acme, seen)).toEqual([
      ['anvils', ['forge', 'ship']],
      ['rockets', ['fuel']],
    ])
    expect(await as(globex, seen)).toEqual([['domes', ['raise']]])
  })

  it('cost what they cost without tenancy: one round trip each', async () => {
    await as(acme, () => prisma.note.count())
    expect(await harness.tripsOf(() => as(acme, () => prisma.project.findMany()))).toBe(1)
    const both = (): Promise<unknown> => prisma.project.findMany({ include: { tasks: true } })
    expect(await harness.tripsOf(() => as(acme, both))).toBe(2)
  })

  it.each<[string, () => Promise<unknown>]>([
    ['find it', () => prisma.project.findUnique({ where: { id: 3 } })],
    ['find its children', () => prisma.task.findFirst({ where: { project: { id: 3 } } })],
    ['update it', async () => (await prisma.task.updateMany({ where: { id: 4 }, data })).count],
    ['delete it', async () => (await prisma.task.deleteMany({ where: { id: 4 } })).count],
  ])('of a row of another tenant do not %s', async (_name, query) => {
    expect((await as(acme, query)) ?? 0).toBe(0)
    expect(await harness.titles()).toEqual(['forge', 'ship', 'fuel', 'raise'])
  })

  it('write children with their parent, all under the context', async () => {
    const tasks = { create: [{ title: 'dig', estimate: '1.50' }, { title: 'build' }] }
    const made = await as(globex, () =>
      prisma.project.create({ data: { name: 'moat', tasks }, include: { tasks: true } }),
    )
    expect(made.tenantId).toBe('globex')
    expect(made.tasks?.map(({ tenantId }) => tenantId)).toEqual(['globex', 'globex'])
    const changes = { update: { where: { id: 3 }, data }, create: { title: 'test' } }
    await as(acme, () => prisma.project.update({ where: { id: 2 }, data: { tasks: changes } }))
    expect(await harness.titles()).toEqual([
      'forge',
      'ship',
      'new',
      'raise',
      'dig',
      'build',
      'test',
    ])
  })

  it('undo the parent when a child cannot be written', async () => {
    const tasks = { create: [{ title: 'fine' }, { title: 'broken', estimate: '1e20' }] }
    const write = as(acme, () => prisma.project.create({ data: { name: 'half', tasks } }))
    expect(await codeOf(write)).toBe('STATEMENT_FAILED')
    expect(await as(acme, () => prisma.project.count())).toBe(2)
  })

  it.each<[string, () => Promise<unknown>]>([
    ['a row', () => prisma.note.create({ data: { body: 'planted', tenantId: 'globex' } })],
    ['many rows', () => prisma.note.createMany({ data: [{ body: 'x', tenantId: 'globex' }] })],
    [
      'a row that moves',
      () => prisma.task.update({ where: { id: 1 }, data: { tenantId: 'globex', projectId: 3 } }),
    ],
  ])('cannot give %s to another tenant', async (_name, write) => {
    expect(await codeOf(as(acme, write))).toBe('ACCESS_DENIED')
    expect(await as(globex, () => prisma.note.count())).toBe(0)
    expect(await as(globex, () => prisma.task.count())).toBe(1)
  })

  it('send nothing without a context', async () => {
    await expect(prisma.project.findMany()).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED' })
    const lazy = withContext(acme, () => ({ query: prisma.project.findMany() })).query
    await expect(lazy).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED' })
  })

  it('are run by withContext where they are all that it is given', async () => {
    expect(await withContext(acme, () => prisma.project.count())).toBe(2)
    const count = withContext(globex, () => prisma.project.count())
    expect(await as(acme, () => count)).toBe(1)
  })

  it('keep the errors of Prisma', async () => {
    const twice = as(acme, () => prisma.project.create({ data: { id: 1, name: 'again' } }))
    await expect(twice).rejects.toMatchObject({ code: 'P2002' })
    expect(await codeOf(twice)).toBe('STATEMENT_FAILED')
    const missing = as(acme, () => prisma.task.update({ where: { id: 4 }, data }))
    await expect(missing).rejects.toMatchObject({ code: 'P2025' })
  })
})

const data = { title: 'new' }

/** Makes a function whose callers wait for each other. */
function meeting(callers: number): () => Promise<void> {
  const all = deferred<undefined>()
  let missing = callers
  return async () => {
    missing -= 1
    if (missing === 0) all.resolve(undefined)
    await all.promise
  }
}

describe('requests that Prisma collects in a tick', () => {
  /** Each asks for its own row and for the other's, all in one tick. */
  function ask(client: ProjectsClient): Promise<(string | undefined)[]> {
    const name = async (id: number): Promise<string | undefined> =>
      (await client.project.findUnique({ where: { id } }))?.name
    const list = async (): Promise<string | undefined> => {
      const [projects] = await client.$transaction([client.project.findMany()])
      return projects?.map((project) => project.name).join()
    }
    return Promise.all([
      as(acme, () => name(1)),
      as(globex, () => name(1)),
      as(acme, () => name(3)),
      as(globex, () => name(3)),
      as(globex, list),
    ])
  }

  it('run each under the context it was made in', async () => {
    expect(await ask(prisma)).toEqual(['anvils', undefined, undefined, 'domes', 'domes'])
  })

  it('run so also where the client was extended at once', async () => {
    const extended = prismaTenancy(tx, (made) =>
      new generated.PrismaClient({ adapter: made }).$extends({
        query: { $allOperations: ({ args, query }) => query(args) },
      }),
    )
    expect(await ask(extended)).toEqual(['anvils', undefined, undefined, 'domes', 'domes'])
    await extended.$disconnect()
  })

  it('would run under the context of the first of them without the guard', async () => {
    let adapter: PrismaTenancyAdapter | undefined
    const idle = prismaTenancy(
      tx,
      (made) => new generated.PrismaClient({ adapter: (adapter = made) }),
    )
    const unguarded = new generated.PrismaClient({ adapter: adapter as PrismaTenancyAdapter })
    expect(await ask(unguarded)).toEqual([
      'anvils',
      'anvils',
      undefined,
      undefined,
      'anvils,rockets',
    ])
    // The adapter serves one client at a time, so that a second one does not come about unseen.
    await expect(as(acme, () => idle.project.count())).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
    await unguarded.$disconnect()
  })

  it('stay in the run they were made in', async () => {
    const [created, read] = [meeting(2), meeting(2)]
    const found = (id: number): Promise<(string | undefined)[]> =>
      tx.run(acme, async () => {
        await prisma.project.create({ data: { id, name: `p${id}` } })
        await created()
        const find = (where: object): Promise<ProjectRow | null> =>
          prisma.project.findUnique({ where })
        const rows = await Promise.all([find({ id: 11 }), find({ id: 12 })])
        // Neither commits before the other has read.
        await read()
        return rows.map((row) => row?.name)
      })
    expect(await Promise.all([found(11), found(12)])).toEqual([
      ['p11', undefined],
      [undefined, 'p12'],
    ])
  })

  it('become one statement when they ask for rows of one kind under one context', async () => {
    const find = (id: number): Promise<unknown> => prisma.project.findUnique({ where: { id } })
    const trips = await harness.tripsOf(() => as(acme, () => Promise.all([find(1), find(2)])))
    expect(trips).toBe(1)
  })
})

describe('$transaction of a list', () => {
  it('is one transaction', async () => {
    const write = as(acme, () =>
      prisma.$transaction([
        prisma.note.create({ data: { body: 'kept?' } }),
        prisma.$executeRaw`select 1 / 0`,
      ]),
    )
    expect(await codeOf(write)).toBe('STATEMENT_FAILED')
    expect(await as(acme, () => prisma.note.count())).toBe(0)
    const [note, count] = await as(acme, () =>
      prisma.$transaction([prisma.note.create({ data: { body: 'a' } }), prisma.note.count()]),
    )
    expect([note.tenantId, count]).toEqual(['acme', 1])
  })

  it('has the isolation level it asks for', async () => {
    const show = (): Promise<object[]> => prisma.$queryRawUnsafe('show transaction_isolation')
    const [rows] = await as(acme, () =>
      prisma.$transaction([show(), prisma.note.count()], { isolationLevel: 'RepeatableRead' }),
    )
    expect(rows).toEqual([{ transaction_isolation: 'repeatable read' }])
  })
})

describe('an interactive transaction', () => {
  it('commits what its function returns from, and rolls back what it throws from', async () => {
    await as(acme, () => prisma.$transaction((t) => t.note.create({ data: { body: 'kept' } })))
    const failing = as(acme, () =>
      prisma.$transaction(async (t) => {
        await t.note.create({ data: { body: 'undone' } })
        throw new RangeError('changed my mind')
      }),
    )
    await expect(failing).rejects.toThrow('changed my mind')
    const notes = await as(acme, () => prisma.note.findMany())
    expect(notes.map(({ body }) => body)).toEqual(['kept'])
  })

  it('costs one round trip a statement and one for the commit', async () => {
    await as(acme, () => prisma.note.count())
    const twoStatements = async (t: PrismaQueries): Promise<void> => {
      await t.note.count()
      await t.note.createMany({ data: [{ body: 'one' }] })
    }
    expect(await harness.tripsOf(() => as(acme, () => prisma.$transaction(twoStatements)))).toBe(3)
  })

  it('has the isolation level it asks for', async () => {
    const rows = await as(acme, () =>
      prisma.$transaction((t) => t.$queryRawUnsafe<object>('show transaction_isolation'), {
        isolationLevel: 'Serializable',
      }),
    )
    expect(rows).toEqual([{ transaction_isolation: 'serializable' }])
  })

  it('cannot switch tenant', async () => {
    const switching = as(acme, () =>
      prisma.$transaction((t) => as(globex, () => t.project.findMany())),
    )
    expect(await codeOf(switching)).toBe('CONTEXT_MISMATCH')
  })

  it('is rolled back when it takes too long', async () => {
    const slow = as(acme, () =>
      prisma.$transaction(
        async (t) => {
          await t.note.create({ data: { body: 'late' } })
          await t.$queryRawUnsafe('select pg_sleep(0.3)::text')
          await t.note.create({ data: { body: 'later' } })
        },
        { timeout: 50 },
      ),
    )
    await expect(slow).rejects.toMatchObject({ code: 'P2028' })
    expect(await as(acme, () => prisma.note.count())).toBe(0)
  })

  it('is joined to the run around it', async () => {
    const failing = tx.run(acme, async () => {
      await prisma.$transaction((t) => t.note.create({ data: { body: 'inside' } }))
      expect(await prisma.note.count()).toBe(1)
      throw new RangeError('undo all')
    })
    await expect(failing).rejects.toThrow('undo all')
    expect(await as(acme, () => prisma.note.count())).toBe(0)
  })

  it('that conflicts with another fails, at its statement or at its commit', async () => {
    const meet = meeting(2)
    const countAndAdd = async (t: PrismaQueries): Promise<void> => {
      await t.note.count()
      await meet()
      await t.note.create({ data: { body: 'one more' } })
    }
    const run = (): Promise<void> =>
      as(acme, () => prisma.$transaction(countAndAdd, { isolationLevel: 'Serializable' }))
    const ends = await Promise.allSettled([run(), run()])
    const errors = ends.flatMap((end) =>
      end.status === 'rejected' ? [tenancyErrorOf(end.reason)] : [],
    )
    expect(errors).toMatchObject([{ code: 'STATEMENT_FAILED', sqlState: '40001' }])
  })

  it('extended client leaks statements out of an interactive transaction', async () => {
    const extended = prisma.$extends({
      query: { $allOperations: ({ args, query }) => query(args) },
    })
    const failing = as(acme, () =>
      extended.$transaction(async (t) => {
        await t.note.create({ data: { body: 'undone' } })
        await t.$executeRaw`insert into app.notes (body) values ('undone too')`
        expect(await t.note.count()).toBe(2)
        expect(await t.project.findUnique({ where: { id: 3 } })).toBeNull()
        throw new RangeError('undo')
      }),
    )
    await expect(failing).rejects.toThrow('undo')
    expect(await as(acme, () => extended.note.count())).toBe(0)
    await expect(extended.note.count()).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED' })
  })
})

describe('raw SQL', () => {
  it('runs under the context, with bind parameters', async () => {
    const named = (): Promise<unknown> =>
      prisma.$queryRaw`select name from app.projects where id > ${2}`
    expect(await as(acme, named)).toEqual([])
    expect(await as(globex, named)).toEqual([{ name: 'domes' }])
    expect(await as(globex, () => prisma.$executeRaw`update app.tasks set title = 'x'`)).toBe(1)
    expect(await harness.titles()).toEqual(['forge', 'ship', 'fuel', 'x'])
  })

  it.each([
    ["select set_config('watertight.context', '', false)", 'STATEMENT_REFUSED'],
    ['set session statement_timeout = 0', 'STATEMENT_REFUSED'],
    ['rollback', 'STATEMENT_REFUSED'],
    ['select 1; delete from app.notes', 'STATEMENT_FAILED'],
  ])('is refused where it would leave the scope: %s', async (text, code) => {
    expect(await codeOf(as(acme, () => prisma.$executeRawUnsafe(text)))).toBe(code)
  })

  it('has the types of @prisma/adapter-pg', async () => {
    const plain = new generated.PrismaClient({ adapter: new PrismaPg(harness.database.url) })
    const text = `select 7::int2 as i2, 9007199254740993::int8 as i8, 1.10::numeric as n, 1.5::float8 as f,
      true as b, 'x'::text as t, '{"a": [1]}'::jsonb as j, '\\x00ff'::bytea as y,
      'b8c5a0e4-6a3f-4f0e-9e0a-0d8a3f1d2c3b'::uuid as u, '2026-01-02'::date as d,
      '2026-01-02T03:04:05.678Z'::timestamptz as z, '03:04:05'::time as c,
      array[1, 2]::int4[] as ia, array['a', null]::text[] as ta, null::int4 as nothing,
      array['2026-01-02T00:00:00Z']::timestamptz[] as za, 12.34::money as m`
    const [expected] = await plain.$queryRawUnsafe(text)
    const [actual] = await as(acme, () => prisma.$queryRawUnsafe(text))
    expect(actual).toEqual(expected)
    await plain.$disconnect()
    const task = await as(acme, () => prisma.task.findUnique({ where: { id: 1 } }))
    expect(task?.estimate?.toString()).toBe('12.5')
    expect(task?.due).toEqual(new Date('2026-01-02T03:04:05.678Z'))
  })
})

it('refuses what is no Prisma client', () => {
  expect(() => prismaTenancy(tx, () => ({}))).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT' }),
  )
})
