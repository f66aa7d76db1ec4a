import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { auditCsv, csvField } from './audit-csv.js'
import type { AuditRow } from './audit-repository.js'

describe('a field of a CSV file', () => {
  it.each([
    [null, ''],
    ['', '""'],
    ['plain', '"plain"'],
    ['a "quoted", text\r\n', '"a ""quoted"", text\r\n"'],
    ['=HYPERLINK("https://x.example")', `"'=HYPERLINK(""https://x.example"")"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\t=1', `"'\t=1"`],
    ['  =1', `"'  =1"`],
    ['\uFF1D1', `"'\uFF1D1"`],
    ['2026-11-22T08:00:00.000Z', '"2026-11-22T08:00:00.000Z"'],
  ])('%j is written as %j, and never as a formula', (value, written) => {
    expect(csvField(value)).toBe(written)
  })
})

describe('a CSV file of entries', () => {
  it('comes with the hash of its bytes', async () => {
    const row: AuditRow = {
      id: '00000000-0000-4000-8000-000000000001',
      position: '7',
      occurred_at: new Date(0),
      actor_id: null,
      actor_role: '=cmd()',
      action: 'a.b',
      target_type: 'x',
      target_id: null,
      outcome: 'allowed',
      correlation_id: '00000000-0000-4000-8000-000000000002',
      client_address: null,
      detail: { count: 1 },
      entry_hash: '00',
    }
    async function* rows(): AsyncGenerator<AuditRow> {
      yield await Promise.resolve(row)
    }
    const { text, sha256, entries } = await auditCsv(rows())
    expect(entries).toBe(1)
    expect(text).toContain(`"'=cmd()"`)
    expect(text).toContain('"{""count"":1}"')
    expect(text.startsWith('"position","id","occurred_at"')).toBe(true)
    expect(sha256).toBe(createHash('sha256').update(text).digest('hex'))
  })
})
