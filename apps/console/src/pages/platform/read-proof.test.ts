import { expect, it } from 'vitest'
import { readProof } from './read-proof.js'

const auditChain = { position: 41, hash: 'ab'.repeat(32) }

it('has each table once, those that had rows first', () => {
  const proof = JSON.stringify({
    before: { 'sec.assets': 2, 'core.tenants': 1, 'evt.events': 0 },
    deleted: { 'core.tenants': 1, 'sec.assets': 2, 'evt.check_ins': 0 },
    after: { 'sec.assets': 0, 'core.tenants': 0, 'evt.events': 0 },
    auditChain,
  })
  expect(readProof(proof)).toEqual({
    tables: [
      { table: 'core.tenants', before: 1, deleted: 1, after: 0 },
      { table: 'sec.assets', before: 2, deleted: 2, after: 0 },
      { table: 'evt.check_ins', before: 0, deleted: 0, after: 0 },
      { table: 'evt.events', before: 0, deleted: 0, after: 0 },
    ],
    chain: auditChain,
  })
})

it('says so when the tenant had no audit log', () => {
  const empty = { before: {}, deleted: {}, after: {} }
  const proof = JSON.stringify({ ...empty, auditChain: { position: null, hash: null } })
  expect(readProof(proof)).toEqual({ tables: [], chain: null })
})
