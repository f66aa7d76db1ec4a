import { DataSource, EntitySchema, QueryFailedError } from 'typeorm'
import type { Repository } from 'typeorm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TenantContext, TxManager } from 'watertight/runtime'
import { withContext } from 'watertight/runtime'
import type { TypeormTenancyOptions } from 'watertight/typeorm'
import { typeormTenancy, tenancyErrorOf } from 'watertight/typeorm'
import { acme, globex } from '../../../../test/runtime-harness.js'
import type { ProjectsHarness } from '../../test/orms/projects.js'
import { openProjectsHarness } from '../../test/orms/projects.js'

interface ProjectEntity {
  id: number
  tenantId: string
  name: string
  tasks: TaskEntity[]
}

interface TaskEntity {
  id: number
  tenantId: string
  title: string
  estimate: string | null
  due: Date | null
  project: ProjectEntity
}

const tenantId = {
  type: 'text',
  name: 'tenant_id',
  default: () => 'watertight.tenant_id()',
} as const

const Project = new EntitySchema<ProjectEntity>({
  name: 'Project',
  schema: 'app',
  tableName: 'projects',
  columns: {
    id: { type: 'int', primary: true, generated: true },
    tenantId,
    name: { type: 'text' },
  },
  relations: {
    tasks: { type: 'one-to-many', target: 'Task', inverseSide: 'project', cascade: true },
  },
})

const Task = new EntitySchema<TaskEntity>({
  name: 'Task',
  schema: 'app',
  tableName: 'tasks',
  columns: {
    id: { type: 'int', primary: true, generated: true },
    tenantId,
    title: { type: 'text' },
    estimate: { type: 'numeric', nullable: true },
    due: { type: 'timestamptz', nullable: true },
  },
  relations: {
    project: { type: 'many-to-one', target: 'Project', joinColumn: { name: 'project_id' } },
  },
})

let harness: ProjectsHarness
let tx: TxManager
let dataSource: DataSource
let projects: Repository<ProjectEntity>
let tasks: Repository<TaskEntity>

beforeAll(async () => {
  harness = await openProjectsHarness()
  tx = harness.connect().tx
  dataSource = new DataSource(typeormTenancy(tx, { entities: [Project, Task] }))
  await dataSource.initialize()
  projects = dataSource.getRepository(Project)
  tasks = dataSource.getRepository(Task)
})
afterAll(async () => {
  await dataSource?.destroy()
  await harness?.close()
})
beforeEach(() => harness.reset())

function as<Result>(context: TenantContext, fn: () => Promise<Result>): Promise<Result> {
  return withContext(context, async () => fn())
}

async function codeOf(action: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await action.then(
    () => null,
    (reason: unknown) => reason,
  )
  return tenancyErrorOf(error)?.code
}

describe('repositories', () => {
  it.each(['join', 'query'] as const)('load relations by %s within the context', async (by) => {
    const seen = async (): Promise<unknown> => {
      const found = await projects.find({
        relations: { tasks: true },
        relationLoadStrategy: by,
        order: { id: 'ASC', tasks: { id: 'ASC' } },
      })
      return found.map(({ name, tasks: own }) => [name, own.map(({ title }) => title)])
    }
    const [ofAcme, ofGlobex] = await Promise.all([as(acme, seen), as(globex, seen)])
    expect(ofAcme).toEqual([
      ['anvils', ['forge', 'ship']],
      ['rockets', ['fuel']],
    ])
    expect(ofGlobex).toEqual([['domes', ['raise']]])
  })

  it('request-scoped DI tree: one repository serves requests of two tenants at once', async () => {
    const requests = Array.from({ length: 20 }, (_, index) =>
      as(index % 2 === 0 ? acme : globex, async () =>
        (await projects.find({ order: { id: 'ASC' } })).map(({ id }) => id),
      ),
    )
    const answers = await Promise.all(requests)
    expect(answers).toEqual(answers.map((_, index) => (index % 2 === 0 ? [1, 2] : [3])))
  })

  it('cost what they cost without tenancy: one round trip for a find', async () => {
    await as(acme, () => tasks.count())
    expect(await harness.tripsOf(() => as(acme, () => tasks.find()))).toBe(1)
  })

  it('save a parent with its children under the context, and undo both when one fails', async () => {
    const moat = { name: 'moat', tasks: [{ title: 'dig' }, { title: 'build' }] }
    const saved = await as(globex, () => projects.save(projects.create(moat)))
    expect(saved.tenantId).toBe('globex')
    const broken = { name: 'half', tasks: [{ title: 'fine' }, { title: 'no', estimate: '1e20' }] }
    const saving = as(acme, () => projects.save(projects.create(broken)))
    await expect(saving).rejects.toBeInstanceOf(QueryFailedError)
    expect(await as(acme, () => projects.count())).toBe(2)
    expect(await harness.titles()).toEqual(['forge', 'ship', 'fuel', 'raise', 'dig', 'build'])
  })

  it('give the types that TypeORM gives', async () => {
    const task = await as(acme, () => tasks.findOneByOrFail({ id: 1 }))
    expect(task).toMatchObject({ estimate: '12.50', due: new Date('2026-01-02T03:04:05.678Z') })
  })

  it('neither find, change nor remove rows of another tenant', async () => {
    await as(acme, async () => {
      expect(await projects.findOneBy({ id: 3 })).toBeNull()
      expect((await tasks.update({ id: 4 }, { title: 'mine' })).affected).toBe(0)
      expect((await tasks.delete({ id: 4 })).affected).toBe(0)
    })
    expect(await harness.titles()).toEqual(['forge', 'ship', 'fuel', 'raise'])
  })

  it.each<[string, () => Promise<unknown>]>([
    ['insert', () => projects.insert({ name: 'planted', tenantId: 'globex' })],
    ['move', () => projects.update({ id: 2 }, { tenantId: 'globex' })],
  ])('cannot %s a row into another tenant', async (_name, write) => {
    expect(await codeOf(as(acme, write))).toBe('ACCESS_DENIED')
    expect(await as(globex, () => projects.find())).toMatchObject([{ id: 3, name: 'domes' }])
  })

  it('send nothing without a context', async () => {
    expect(await codeOf(projects.find())).toBe('CONTEXT_REQUIRED')
    expect(await codeOf(dataSource.query('select 1'))).toBe('CONTEXT_REQUIRED')
  })
})

describe('transactions', () => {
  const modes = 'show transaction_isolation'

  it('commit, roll back, nest as savepoints and have the isolation level they ask for', async () => {
    await as(acme, () =>
      dataSource.transaction('REPEATABLE READ', async (manager) => {
        expect(await manager.query(modes)).toEqual([{ transaction_isolation: 'repeatable read' }])
        await manager.update(Task, { id: 1 }, { title: 'kept' })
        const inner = manager.transaction(async (nested) => {
          await nested.update(Task, { id: 2 }, { title: 'undone' })
          throw new RangeError('inner')
        })
        await expect(inner).rejects.toThrow('inner')
      }),
    )
    const failing = as(acme, () =>
      dataSource.transaction(async (manager) => {
        await manager.createQueryBuilder().delete().from(Task).execute()
        throw new RangeError('outer')
      }),
    )
    await expect(failing).rejects.toThrow('outer')
    expect(await harness.titles()).toEqual(['kept', 'ship', 'fuel', 'raise'])
  })

  it('join the run around them', async () => {
    const failing = tx.run(acme, async () => {
      await dataSource.transaction((manager) =>
        manager.createQueryBuilder().delete().from(Task).execute(),
      )
      expect(await tasks.count()).toBe(0)
      throw new RangeError('undo all')
    })
    await expect(failing).rejects.toThrow('undo all')
    expect(await harness.titles()).toHaveLength(4)
  })

  it('cannot switch tenant, and neither can a query runner', async () => {
    const switching = as(acme, () =>
      dataSource.transaction((manager) => as(globex, () => manager.find(Project))),
    )
    expect(await codeOf(switching)).toBe('CONTEXT_MISMATCH')
    const runner = dataSource.createQueryRunner()
    expect(await as(acme, () => runner.query('select id from app.projects'))).toHaveLength(2)
    expect(await codeOf(as(globex, () => runner.query('select 1')))).toBe('CONTEXT_MISMATCH')
    await runner.release()
  })
})

describe('streams', () => {
  const titlesOf = async (stream: AsyncIterable<unknown>): Promise<unknown[]> => {
    const titles: unknown[] = []
    for await (const row of stream) titles.push((row as { title: unknown }).title)
    return titles
  }

  it('of query builders and query runners read under the context', async () => {
    const built = async (): Promise<unknown> =>
      titlesOf(
        await tasks.createQueryBuilder('t').select('t.title', 'title').orderBy('t.id').stream(),
      )
    expect(await as(acme, built)).toEqual(['forge', 'ship', 'fuel'])
    expect(await as(globex, built)).toEqual(['raise'])
    await as(acme, () =>
      dataSource.transaction(async ({ queryRunner }) => {
        await queryRunner?.query("update app.tasks set title = 'melt' where id = 1")
        const text = 'select title from app.tasks where id < $1 order by id'
        const stream = await queryRunner?.stream(text, [3])
        expect(await titlesOf(stream as AsyncIterable<unknown>)).toEqual(['melt', 'ship'])
      }),
    )
  })

  it('fail with the error that the driver gave', async () => {
    const failing = as(acme, async () => {
      const runner = dataSource.createQueryRunner()
      try {
        await titlesOf(await runner.stream("insert into app.tasks (title) values ('no project')"))
      } finally {
        await runner.release()
      }
    })
    await expect(failing).rejects.toMatchObject({ code: '23502' })
    expect(await codeOf(failing)).toBe('STATEMENT_FAILED')
  })
})

describe('query builders and raw queries', () => {
  it('run under the context', async () => {
    const titles = async (): Promise<unknown> =>
      tasks
        .createQueryBuilder('task')
        .innerJoin('task.project', 'project')
        .select('task.title', 'title')
        .where('project.id > :low', { low: 1 })
        .getRawMany()
    expect(await as(acme, titles)).toEqual([{ title: 'fuel' }])
    expect(await as(globex, titles)).toEqual([{ title: 'raise' }])
    const raw = (): Promise<unknown> =>
      dataSource.query('select name from app.projects where id > $1', [2])
    expect([await as(acme, raw), await as(globex, raw)]).toEqual([[], [{ name: 'domes' }]])
  })

  it.each([
    ["select set_config('watertight.context', '', false)", 'STATEMENT_REFUSED'],
    ['set session statement_timeout = 0', 'STATEMENT_REFUSED'],
    ['reset all', 'STATEMENT_REFUSED'],
    ['select 1; delete from app.notes', 'STATEMENT_FAILED'],
  ])('are refused where they would leave the scope: %s', async (text, code) => {
    expect(await codeOf(as(acme, () => dataSource.query(text)))).toBe(code)
  })
})

describe('the options', () => {
  it('start without a context and without SQL', async () => {
    const another = new DataSource(typeormTenancy(tx, { entities: [Project, Task] }))
    expect(await harness.tripsOf(() => another.initialize())).toBe(0)
    await another.destroy()
  })

  it.each<TypeormTenancyOptions>([
    { cache: true },
    { synchronize: true },
    { migrationsRun: true },
    { dropSchema: true },
    { replication: { master: {}, slaves: [] } },
    { parseInt8: true },
    { logNotifications: true },
  ])('refuse %o', (options) => {
    expect(() => typeormTenancy(tx, options)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })
})
