import { EntityManager, MikroORM, RequestContext, defineEntity, p } from '@mikro-orm/postgresql'
import type { InferEntity } from '@mikro-orm/postgresql'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MikroOrmTenancyOptions } from 'watertight/mikro-orm'
import { mikroOrmTenancy, tenancyErrorOf } from 'watertight/mikro-orm'
import type { TenantContext, TxManager } from 'watertight/runtime'
import { withContext } from 'watertight/runtime'
import { acme, globex } from '../../../../test/runtime-harness.js'
import type { ProjectsHarness } from '../../test/orms/projects.js'
import { openProjectsHarness } from '../../test/orms/projects.js'

const tenantId = p.string().fieldName('tenant_id').defaultRaw('watertight.tenant_id()')

const Project = defineEntity({
  name: 'Project',
  schema: 'app',
  tableName: 'projects',
  properties: {
    id: p.integer().primary().autoincrement(),
    tenantId,
    name: p.string(),
    tasks: () => p.oneToMany(Task).mappedBy('project').orphanRemoval(),
  },
})

const Task = defineEntity({
  name: 'Task',
  schema: 'app',
  tableName: 'tasks',
  properties: {
    id: p.integer().primary().autoincrement(),
    tenantId,
    project: () => p.manyToOne(Project).fieldName('project_id'),
    title: p.string(),
    estimate: p.decimal('string').nullable(),
    due: p.datetime().nullable(),
  },
})

let harness: ProjectsHarness
let tx: TxManager
let orm: MikroORM

beforeAll(async () => {
  harness = await openProjectsHarness()
  tx = harness.connect().tx
  orm = await MikroORM.init(mikroOrmTenancy(tx, { entities: [Project, Task] }))
})
afterAll(async () => {
  await orm?.close()
  await harness?.close()
})
beforeEach(() => harness.reset())

/** Runs under a context with a fork of its own. */
function as<Result>(
  context: TenantContext,
  fn: (em: EntityManager) => Promise<Result>,
): Promise<Result> {
  return withContext(context, async () => fn(orm.em.fork() as EntityManager))
}

async function codeOf(action: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await action.then(
    () => null,
    (reason: unknown) => reason,
  )
  return tenancyErrorOf(error)?.code
}

describe('an entity manager', () => {
  it.each(['joined', 'select-in'] as const)('populates %s within the context', async (strategy) => {
    const seen = async (em: EntityManager): Promise<unknown> => {
      const options = { populate: ['tasks'], strategy, orderBy: { id: 'asc' } } as const
      const found = await em.find(Project, {}, options)
      return found.map(({ name, tasks }) => [
        name,
        tasks
          .getItems()
          .map(({ title }) => title)
          .sort(),
      ])
    }
    const [ofAcme, ofGlobex] = await Promise.all([as(acme, seen), as(globex, seen)])
    expect(ofAcme).toEqual([
      ['anvils', ['forge', 'ship']],
      ['rockets', ['fuel']],
    ])
    expect(ofGlobex).toEqual([['domes', ['raise']]])
  })

  it('costs what it costs without tenancy: one round trip for a find', async () => {
    await as(acme, (em) => em.count(Task, {}))
    expect(await harness.tripsOf(() => as(acme, (em) => em.find(Task, {})))).toBe(1)
  })

  it('flushes a unit of work in one transaction under the context', async () => {
    await as(globex, async (em) => {
      const moat = em.create(Project, { name: 'moat' })
      em.create(Task, { title: 'dig', project: moat })
      const domes = await em.findOneOrFail(Project, 3, { populate: ['tasks'] })
      domes.tasks.removeAll()
      await em.flush()
    })
    expect(await harness.titles()).toEqual(['forge', 'ship', 'fuel', 'dig'])
    const failing = as(acme, async (em) => {
      const half = em.create(Project, { name: 'half' })
      em.create(Task, { title: 'broken', estimate: '1e20', project: half })
      await em.flush()
    })
    expect(await codeOf(failing)).toBe('STATEMENT_FAILED')
    expect(await as(acme, (em) => em.count(Project, {}))).toBe(2)
  })

  it('gives the types that MikroORM gives', async () => {
    const task: InferEntity<typeof Task> = await as(acme, (em) => em.findOneOrFail(Task, 1))
    expect(task).toMatchObject({ estimate: '12.50', due: new Date('2026-01-02T03:04:05.678Z') })
  })

  it('neither finds, changes nor removes rows of another tenant', async () => {
    await as(acme, async (em) => {
      expect(await em.findOne(Project, 3)).toBeNull()
      expect(await em.nativeUpdate(Task, { id: 4 }, { title: 'mine' })).toBe(0)
      expect(await em.nativeDelete(Task, { id: 4 })).toBe(0)
    })
    expect(await harness.titles()).toEqual(['forge', 'ship', 'fuel', 'raise'])
  })

  it.each<[string, (em: EntityManager) => Promise<unknown>]>([
    ['insert', (em) => em.insert(Project, { name: 'planted', tenantId: 'globex' })],
    ['move', (em) => em.nativeUpdate(Project, { id: 2 }, { tenantId: 'globex' })],
    ['upsert', (em) => em.upsert(Project, { id: 3, name: 'taken' })],
  ])('cannot %s a row into another tenant', async (_name, write) => {
    expect(await codeOf(as(acme, write))).toBe('ACCESS_DENIED')
    expect(await as(globex, (em) => em.find(Project, {}))).toMatchObject([{ name: 'domes' }])
  })

  it('stores text that names what the session keeps', async () => {
    const title = "'; select set_config('watertight.context', '', false) --"
    await as(acme, (em) => em.nativeUpdate(Task, { id: 1 }, { title }))
    expect((await harness.titles())[0]).toBe(title)
  })

  it('sends nothing without a context', async () => {
    expect(await codeOf(orm.em.fork().find(Project, {}))).toBe('CONTEXT_REQUIRED')
    await expect(orm.em.find(Project, {})).rejects.toThrow('global EntityManager')
  })
})

describe('the identity map', () => {
  async function forkOfAcme(): Promise<EntityManager> {
    return as(acme, async (em) => {
      const anvils = await em.findOneOrFail(Project, 1)
      anvils.name = 'changed'
      return em
    })
  }

  it.each<[string, (em: EntityManager) => unknown]>([
    ['a find of a row it holds', (em) => em.findOne(Project, 1)],
    ['a flush', (em) => em.flush()],
    ['a transaction', (em) => em.transactional(async () => undefined)],
    ['a raw query', (em) => em.execute('select 1')],
    ['a reference', (em) => em.getReference(Project, 1)],
    ['its unit of work', (em) => em.getUnitOfWork()],
    ['a fork that keeps its rows', (em) => em.fork({ clear: false })],
  ])('of one context refuses %s under another, and under none', async (_name, use) => {
    const em = await forkOfAcme()
    const attempt = async (): Promise<unknown> => use(em)
    expect(await codeOf(withContext(globex, attempt))).toBe('CONTEXT_MISMATCH')
    expect(await codeOf(attempt())).toBe('CONTEXT_REQUIRED')
    const name = 'select name from app.projects where id = 1'
    expect((await harness.database.admin.query(name)).rows).toEqual([{ name: 'anvils' }])
  })

  it('of one context loads no collection under another', async () => {
    const anvils = await as(acme, (em) => em.findOneOrFail(Project, 1))
    const load = async (): Promise<unknown> => anvils.tasks.init()
    expect(await codeOf(withContext(globex, load))).toBe('CONTEXT_MISMATCH')
    await withContext(acme, load)
    expect(anvils.tasks.getItems().map(({ title }) => title)).toEqual(['forge', 'ship'])
  })

  it('would answer another tenant from memory without the guard', async () => {
    const options = mikroOrmTenancy(tx, { entities: [Project, Task] })
    const bare = await MikroORM.init({ ...options, entityManager: EntityManager })
    const em = bare.em.fork()
    await withContext(acme, () => em.find(Project, {}))
    const stolen = await withContext(globex, () => em.findOne(Project, 1))
    expect(stolen).toMatchObject({ name: 'anvils', tenantId: 'acme' })
    await bare.close()
  })

  it('of a request context serves the tenant of the request', async () => {
    const names = await withContext(acme, () =>
      RequestContext.create(orm.em, async () => {
        const found = await orm.em.find(Project, {}, { orderBy: { id: 'asc' } })
        return found.map(({ name }) => name)
      }),
    )
    expect(names).toEqual(['anvils', 'rockets'])
  })
})

describe('transactions', () => {
  it('commit, roll back, nest as savepoints and have the isolation level they ask for', async () => {
    await as(acme, (em) =>
      em.transactional(
        async (outer) => {
          const level = await outer.execute('show transaction_isolation')
          expect(level).toEqual([{ transaction_isolation: 'repeatable read' }])
          await outer.nativeUpdate(Task, { id: 1 }, { title: 'kept' })
          const inner = outer.transactional(async (nested) => {
            await nested.nativeUpdate(Task, { id: 2 }, { title: 'undone' })
            throw new RangeError('inner')
          })
          await expect(inner).rejects.toThrow('inner')
        },
        { isolationLevel: 'repeatable read' },
      ),
    )
    const failing = as(acme, (em) =>
      em.transactional(async (inside) => {
        await inside.nativeDelete(Task, {})
        throw new RangeError('outer')
      }),
    )
    await expect(failing).rejects.toThrow('outer')
    expect(await harness.titles()).toEqual(['kept', 'ship', 'fuel', 'raise'])
  })

  it('join the run around them', async () => {
    const failing = tx.run(acme, async () => {
      await orm.em.fork().transactional((em) => em.nativeDelete(Task, {}))
      expect(await orm.em.fork().count(Task, {})).toBe(0)
      throw new RangeError('undo all')
    })
    await expect(failing).rejects.toThrow('undo all')
    expect(await harness.titles()).toHaveLength(4)
  })

  it('that are begun and committed by hand are those of the context', async () => {
    await as(acme, async (em) => {
      await em.begin()
      const anvils = await em.findOneOrFail(Project, 1)
      anvils.name = 'hammers'
      expect(await codeOf(withContext(globex, () => em.commit()))).toBe('CONTEXT_MISMATCH')
      await em.commit()
    })
    expect((await as(acme, (em) => em.findOneOrFail(Project, 1))).name).toBe('hammers')
  })

  it('cannot switch tenant', async () => {
    const switching = as(acme, (em) =>
      em.transactional((inside) => withContext(globex, () => inside.find(Project, {}))),
    )
    expect(await codeOf(switching)).toBe('CONTEXT_MISMATCH')
  })
})

describe('a stream of an entity manager', () => {
  async function read(em: EntityManager): Promise<unknown[]> {
    const seen: unknown[] = []
    const options = { orderBy: { id: 'asc' }, populate: ['tasks'], chunkSize: 1 } as const
    for await (const { name, tasks } of em.stream(Project, options)) {
      seen.push([name, tasks.getItems().map(({ title, due }) => [title, due])])
    }
    return seen
  }

  it('reads under the context, with the types of MikroORM', async () => {
    const due = new Date('2026-01-02T03:04:05.678Z')
    const ofAcme = [
      [
        'anvils',
        [
          ['forge', due],
          ['ship', null],
        ],
      ],
      ['rockets', [['fuel', null]]],
    ]
    expect(await as(acme, read)).toEqual(ofAcme)
    expect(await as(globex, read)).toEqual([['domes', [['raise', null]]]])
    expect(await as(acme, (em) => em.transactional(read))).toEqual(ofAcme)
  })

  it('sends nothing under another context, and keeps the error of tenancy', async () => {
    const em = await as(acme, async (fork) => {
      await fork.count(Project, {})
      return fork
    })
    expect(await codeOf(withContext(globex, () => read(em)))).toBe('CONTEXT_MISMATCH')
    const failing = async (fork: EntityManager): Promise<void> => {
      const amiss = fork.createQueryBuilder(Task, 't').where('1 / (t.id - t.id) = 1')
      for await (const task of amiss.stream()) expect(task).toBeNull()
    }
    expect(await codeOf(as(acme, failing))).toBe('STATEMENT_FAILED')
  })
})

describe('raw queries', () => {
  it('run under the context', async () => {
    const raw = (em: EntityManager): Promise<unknown> =>
      em.execute('select name from app.projects where id > ?', [2])
    expect([await as(acme, raw), await as(globex, raw)]).toEqual([[], [{ name: 'domes' }]])
    const built = (em: EntityManager): Promise<unknown> =>
      em
        .createQueryBuilder(Task, 't')
        .select('t.title')
        .where({ project: { $gt: 1 } })
        .execute()
    expect(await as(acme, built)).toEqual([{ title: 'fuel' }])
  })

  it.each([
    ["select set_config('watertight.context', '', false)", 'STATEMENT_REFUSED'],
    ['set session statement_timeout = 0', 'STATEMENT_REFUSED'],
    ['select 1; delete from app.notes', 'STATEMENT_FAILED'],
  ])('are refused where they would leave the scope: %s', async (text, code) => {
    expect(await codeOf(as(acme, (em) => em.execute(text)))).toBe(code)
  })
})

describe('the options', () => {
  it.each<object>([
    { driverOptions: { host: 'localhost' } },
    { entityManager: EntityManager },
    { allowGlobalContext: true },
    { resultCache: { expiration: 60_000 } },
    { sessionContext: 'connection' },
    { ensureDatabase: true },
    { replicas: [{ host: 'localhost' }] },
  ])('refuse %o', (options) => {
    expect(() => mikroOrmTenancy(tx, options as MikroOrmTenancyOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })
})
