import { describe, expect, it } from 'vitest'
import { acme, globex } from '../../../../test/runtime-harness.js'
import type { Fault, FaultPlan } from '../../../../test/scripted-driver.js'
import { ScriptedDriver, faults } from '../../../../test/scripted-driver.js'
import { WatertightError } from '../errors/index.js'
import type { TxManager } from './tx-manager.js'
import { createTxManager } from './tx-manager.js'

/** One top-level operation of acme and what it may have committed when it says that it succeeded. */
interface Scenario {
  readonly name: string
  readonly run: (tx: TxManager) => Promise<unknown>
  /** The sets of ids that a success may mean; the first is that of a run without faults. */
  readonly commits: readonly (readonly string[])[]
  /** The code it ends with when nothing goes wrong; null for success. */
  readonly fails?: string
}

const read = { readOnly: true } as const
const retry = { attempts: 3 } as const

const scenarios: readonly Scenario[] = [
  { name: 'a query', run: (tx) => tx.query(acme, 'write a'), commits: [['a']] },
  {
    name: 'a query that fails',
    run: (tx) => tx.query(acme, 'fail 23505'),
    commits: [],
    fails: 'STATEMENT_FAILED',
  },
  {
    name: 'a denied query',
    run: (tx) => tx.query(acme, 'fail 42501'),
    commits: [],
    fails: 'ACCESS_DENIED',
  },
  {
    name: 'a query under time-outs',
    run: (tx) => tx.query(acme, 'write a', [], { statementTimeout: 5 }),
    commits: [['a']],
  },
  { name: 'a batch', run: (tx) => tx.batch(acme, ['write a', 'write b']), commits: [['a', 'b']] },
  {
    name: 'a batch whose end fails',
    run: (tx) => tx.batch(acme, ['write a', 'fail 23505']),
    commits: [],
    fails: 'STATEMENT_FAILED',
  },
  {
    name: 'a run of one',
    run: (tx) => tx.run(acme, (tx) => tx.query('write a')),
    commits: [['a']],
  },
  {
    name: 'a run of three',
    run: (tx) =>
      tx.run(acme, async (tx) => {
        for (const id of ['a', 'b', 'c']) await tx.query(`write ${id}`)
      }),
    commits: [['a', 'b', 'c']],
  },
  {
    name: 'a run with a batch',
    run: (tx) => tx.run(acme, (tx) => tx.batch(['write a', 'write b'])),
    commits: [['a', 'b']],
  },
  {
    name: 'a run that throws',
    run: (tx) =>
      tx.run(acme, async (tx) => {
        await tx.query('write a')
        throw new WatertightError('INVALID_INPUT', 'mine')
      }),
    commits: [],
    fails: 'INVALID_INPUT',
  },
  {
    name: 'a run that swallows a failure',
    run: (tx) =>
      tx.run(acme, async (tx) => {
        await tx.query('write a')
        await tx.query('fail 23505').catch(() => undefined)
      }),
    commits: [],
    fails: 'TX_ABORTED',
  },
  {
    name: 'a run that swallows every failure',
    run: (tx) =>
      tx.run(acme, async (tx) => {
        await tx.query('write a').catch(() => undefined)
        await tx.query('write b').catch(() => undefined)
      }),
    commits: [['a', 'b']],
  },
  {
    name: 'a run that forgets its statements',
    run: (tx) =>
      tx.run(acme, (handle) => {
        void handle.query('write a')
        void tx.query(acme, 'write b')
      }),
    commits: [['a', 'b']],
  },
  {
    name: 'a nested run',
    run: (tx) =>
      tx.run(acme, async (outer) => {
        await outer.query('write a')
        await tx.run(acme, (inner) => inner.query('write b'))
        await outer.query('write c')
      }),
    commits: [['a', 'b', 'c']],
  },
  {
    name: 'a nested run that fails and is caught',
    run: (tx) =>
      tx.run(acme, async (outer) => {
        await outer.query('write a')
        const inner = tx.run(acme, async (inner) => {
          await inner.query('write b')
          await inner.query('fail 23505')
        })
        await inner.catch(() => undefined)
        await outer.query('write c')
      }),
    commits: [['a', 'c']],
  },
  {
    name: 'nested runs side by side',
    run: (tx) =>
      tx.run(acme, async () => {
        const nested = ['a', 'b'].map((id) => tx.run(acme, (inner) => inner.query(`write ${id}`)))
        await Promise.all(nested)
      }),
    commits: [['a', 'b']],
  },
  {
    name: 'a run two levels deep',
    run: (tx) =>
      tx.run(acme, () =>
        tx.run(acme, async (inner) => {
          await inner.query('write a')
          await tx.run(acme, (deepest) => deepest.query('write b'))
        }),
      ),
    commits: [['a', 'b']],
  },
  {
    name: 'a run with a savepoint of its own',
    run: (tx) =>
      tx.run(acme, async (tx) => {
        await tx.query('savepoint mine')
        await tx.query('fail 23505').catch(() => undefined)
        await tx.query('rollback to savepoint mine')
        await tx.query('write a')
      }),
    commits: [['a']],
  },
  {
    name: 'a run that is retried',
    run: (tx) => {
      let calls = 0
      return tx.run(
        acme,
        async (tx) => {
          calls += 1
          await tx.query('write a')
          if (calls === 1) await tx.query('fail 40001')
        },
        { retry },
      )
    },
    commits: [['a']],
  },
  {
    name: 'a run that is retried in vain',
    run: (tx) => tx.run(acme, (tx) => tx.query('fail 40P01'), { retry }),
    commits: [],
    fails: 'STATEMENT_FAILED',
  },
  {
    name: 'a read-only run',
    run: (tx) => tx.run(acme, (tx) => tx.query('read'), read),
    commits: [[]],
  },
  {
    name: 'a read-only run of a given level',
    run: (tx) =>
      tx.run(acme, (tx) => tx.query('read'), { ...read, isolationLevel: 'serializable' }),
    commits: [[]],
  },
  { name: 'a stream', run: (tx) => drain(tx.stream(acme, 'read')), commits: [[]] },
  {
    name: 'a stream inside a run',
    run: (tx) =>
      tx.run(acme, async (tx) => {
        await tx.query('write a')
        await drain(tx.stream('read'))
        await tx.query('write b')
      }),
    commits: [['a', 'b']],
  },
  {
    name: 'a run that is aborted',
    run: (tx) => {
      const abort = new AbortController()
      return tx.run(
        acme,
        async (tx) => {
          await tx.query('write a')
          abort.abort()
          await tx.query('write b')
        },
        { signal: abort.signal },
      )
    },
    commits: [],
    fails: 'ABORTED',
  },
]

async function drain(rows: AsyncIterable<unknown>): Promise<void> {
  for await (const row of rows) expect(row).toBeDefined()
}

const context = {
  kind: 'guc',
  tenant: 'app.tenant',
  user: null,
  orgUnits: null,
  orgScope: null,
} as const

interface Outcome {
  readonly code: string | null
  readonly ids: readonly string[]
  readonly flights: number
}

/** Runs a scenario under a plan of faults; checks what must hold however it goes. */
async function play({ run }: Scenario, plan: FaultPlan): Promise<Outcome> {
  const driver = new ScriptedDriver()
  const sleep = (): Promise<void> => Promise.resolve()
  const tx = createTxManager({ pools: { app: driver }, context, sleep })
  await tx.start()
  driver.flights = 0
  driver.plan = plan
  const code = await run(tx).then(
    () => null,
    (error: unknown) => {
      expect(error).toBeInstanceOf(WatertightError)
      return (error as WatertightError).code
    },
  )
  const { flights } = driver
  driver.plan = () => null
  // The next to come, another tenant, finds nothing of this one.
  await tx.run(globex, (tx) => tx.query('write next'))
  await tx.query(globex, 'write lone')
  await tx.close()
  expect(driver.violations).toEqual([])
  expect(driver.open).toBe(0)
  const [own, other] = [acme, globex].map((tenant) =>
    driver.committed.filter((write) => write.tenant === tenant.tenantId).map(({ id }) => id),
  )
  expect(other).toEqual(['next', 'lone'])
  expect(driver.committed).toHaveLength((own?.length ?? 0) + 2)
  return { code, ids: own ?? [], flights }
}

describe.each(scenarios)('$name', (scenario) => {
  const [success = []] = scenario.commits

  it('ends as it should when nothing goes wrong', async () => {
    const { code, ids } = await play(scenario, () => null)
    expect(code).toBe(scenario.fails ?? null)
    expect(ids).toEqual(success)
  })

  it.each<Fault>([...faults])(
    'is true about its outcome when any one flight is %s',
    async (fault) => {
      const { flights } = await play(scenario, () => null)
      expect(flights).toBeGreaterThan(0)
      for (let at = 0; at < flights; at += 1) {
        const { code, ids } = await play(scenario, (flight) => (flight === at ? fault : null))
        const expected =
          code === null ? scenario.commits : code === 'OUTCOME_UNKNOWN' ? [[], success] : [[]]
        expect(expected, `flight ${at}: ${code ?? 'success'}`).toContainEqual(ids)
      }
    },
  )

  it.each<Fault>([...faults])(
    'is true about its outcome when every flight from one on is %s',
    async (fault) => {
      const { flights } = await play(scenario, () => null)
      for (let at = 0; at < flights; at += 1) {
        const { code, ids } = await play(scenario, (flight) => (flight >= at ? fault : null))
        const expected =
          code === null ? scenario.commits : code === 'OUTCOME_UNKNOWN' ? [[], success] : [[]]
        expect(expected, `from flight ${at}: ${code ?? 'success'}`).toContainEqual(ids)
      }
    },
  )
})
