import { describe, expect, it } from 'vitest'
import type { TableReference } from './relation-for.js'
import { relationFor } from './relation-for.js'

describe('relationFor', () => {
  it.each<[Parameters<typeof relationFor>[0], TableReference, string]>([
    ['auditor', 'sec.evidence', 'sec.evidence_redacted'],
    ['member', 'sec.evidence', 'sec.evidence'],
    ['platform', 'sec.evidence', 'sec.evidence'],
    ['worker', 'sec.evidence', 'sec.evidence'],
    ['auditor', 'sec.tenant_control_status', 'sec.tenant_control_status'],
    ['auditor', 'sec.controls', 'sec.controls'],
    ['auditor', 'eval.submission_items', 'eval.submission_items'],
  ])('has mode %s read %s through %s', (mode, table, relation) => {
    expect(relationFor(mode, table).text).toBe(relation)
  })
})
