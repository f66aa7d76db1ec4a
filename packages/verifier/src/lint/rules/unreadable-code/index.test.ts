import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { unreadableCode } from './index.js'

describeRule(unreadableCode, import.meta.url, { severity: 'info', fixable: false })

it('says of a function in another language that nobody read it', async () => {
  const text = `create function peek() returns int language c security definer as '$libdir/pgcrypto', 'pg_random_bytes'`
  const findings = await lintSql(unreadableCode, text)
  expect(findings.map(({ object, severity }) => [object, severity])).toEqual([
    ['public.peek()', 'info'],
  ])
})
