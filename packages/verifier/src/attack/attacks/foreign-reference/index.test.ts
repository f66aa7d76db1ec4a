import { expect, it } from 'vitest'
import { caseDatabase, readCases } from '../../../../test/readme-cases.js'
import { describeAttack } from '../../../../test/describe-attack.js'
import { check } from '../../../check/check.js'
import { foreignReference } from './index.js'

describeAttack(foreignReference, import.meta.url)

it('warns, and calls no cell a leak: no row of the other tenant is read or changed', async () => {
  const at = await caseDatabase(readCases(import.meta.url).bad)
  try {
    const { admin } = at.database
    const result = await check(admin, { model: at.model, live: true, now: () => new Date() })
    const found = result.findings.find(({ rule }) => rule === foreignReference.id)
    expect(found?.severity).toBe('warning')
    expect(result.coverage.filter(({ verdict }) => verdict === 'leak')).toEqual([])
  } finally {
    await at.database.drop()
  }
})
