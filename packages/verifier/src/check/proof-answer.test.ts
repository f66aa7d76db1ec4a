import type { TenancyInput } from 'watertight/model'
import { describe, expect, it } from 'vitest'
import { judgeScript } from '../../test/judge-script.js'

const mine = `(school_id = nullif(current_setting('app.school', true), '')::uuid)`

const marks = `
  create table public.marks (id uuid primary key, school_id uuid not null, points int);
  alter table public.marks enable row level security;
  create policy own on public.marks using ${mine};
  grant select, insert, update, delete on public.marks to APP;`

const model: TenancyInput = {
  tenantKey: { column: 'school_id', type: 'uuid' },
  context: { kind: 'guc', tenant: 'app.school' },
  schemas: ['public'],
}

async function cellsOf(object: string, script: string): Promise<Readonly<Record<string, string>>> {
  const { coverage } = await judgeScript(marks + script, model)
  const own = coverage.filter((cell) => cell.object === object)
  return Object.fromEntries(own.map(({ command, verdict }) => [command, verdict]))
}

const proven = { SELECT: 'proven', INSERT: 'proven', UPDATE: 'proven', DELETE: 'proven' }
const sums = 'select school_id, sum(points) as points from public.marks group by school_id'

describe('a way past policies', () => {
  it('that only reads leaves what is written proven, in the table and in the view itself', async () => {
    const view = `create view public.sums as ${sums}; grant all on public.sums to APP;`
    expect(await cellsOf('public.marks', view)).toEqual({ ...proven, SELECT: 'unknown' })
    expect(await cellsOf('public.sums', view)).toEqual({ ...proven, SELECT: 'leak' })
  })

  it('through a materialised view leaves what is written proven', async () => {
    const stored = `create materialized view public.sums as ${sums}; grant select on public.sums to APP;`
    expect(await cellsOf('public.marks', stored)).toEqual({ ...proven, SELECT: 'unknown' })
  })

  it('that may be written through leaves what is written open', async () => {
    const view = `create view public.plain as select * from public.marks; grant all on public.plain to APP;`
    const open = { SELECT: 'unknown', INSERT: 'unknown', UPDATE: 'unknown', DELETE: 'unknown' }
    expect(await cellsOf('public.marks', view)).toEqual(open)
  })

  it('that the role may only read leaves what is written proven, though PostgreSQL would write through it', async () => {
    const view = `create view public.plain as select * from public.marks; grant select on public.plain to APP;`
    expect(await cellsOf('public.marks', view)).toEqual({ ...proven, SELECT: 'unknown' })
  })
})
