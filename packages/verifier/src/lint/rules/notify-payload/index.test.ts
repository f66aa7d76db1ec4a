import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { notifyPayload } from './index.js'

describeRule(notifyPayload, import.meta.url, { severity: 'warning', fixable: false })

it.each(['md5(new.id::text)', `'changed'`, 'tg_table_name'])(
  'says nothing of the payload %s',
  async (payload) => {
    const text = `create table notes (id int, tenant_id text not null);
      create function tell() returns trigger language plpgsql as $$ begin perform pg_notify('n', ${payload}); return new; end $$;
      create trigger tell after insert on notes for each row execute function tell()`
    expect(await lintSql(notifyPayload, text)).toEqual([])
  },
)
