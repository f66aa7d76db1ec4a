import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { partitionUnprotected } from './index.js'

describeRule(partitionUnprotected, import.meta.url, { severity: 'error', fixable: true })

it('finds a child by INHERITS, which shares no policy with its parent either', async () => {
  const text = `create table notes (id int, tenant_id text not null); alter table notes enable row level security;
    create table archive () inherits (notes); grant select on archive to app_user`
  expect((await lintSql(partitionUnprotected, text)).map(({ object }) => object)).toEqual([
    'public.archive',
  ])
})
