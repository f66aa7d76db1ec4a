import type { DisclosureInput } from 'watertight/model'

const identity = ['user_id', 'visitor', 'key'] as const
const request = ['method', 'path', 'request_hash'] as const
const answer = ['response_status', 'response_body'] as const

/**
 * Idempotency keys outside of any tenant, which no role of a request has a right on. Migration 0025
 * has the functions.
 */
export const requestKeyDisclosures: Readonly<Record<string, DisclosureInput>> = {
  'ops.take_request_key': {
    modes: ['app', 'platform', 'worker'],
    reads: { 'core.request_keys': [...identity, ...request, ...answer, 'expires_at'] },
    inserts: { 'core.request_keys': [...identity, ...request, 'taken_in', 'expires_at'] },
    updates: {
      'core.request_keys': [...request, ...answer, 'taken_in', 'created_at', 'expires_at'],
    },
    reason: 'a write that is sent twice is done once, and its sender is told the same answer',
  },
  'ops.find_request_key': {
    modes: ['public'],
    reads: { 'core.request_keys': [...identity, ...request, ...answer, 'expires_at'] },
    reason: 'a visitor who sends a write again is told the same answer',
  },
  'ops.keep_request_answer': {
    modes: ['app', 'platform', 'worker'],
    reads: { 'core.request_keys': [...identity, 'taken_in'] },
    updates: { 'core.request_keys': [...answer] },
    reason: 'the answer is kept by the transaction that does the write, and by no other',
  },
  'ops.drop_request_key': {
    modes: ['app', 'platform', 'worker'],
    reads: { 'core.request_keys': [...identity, 'taken_in'] },
    deletes: ['core.request_keys'],
    reason: 'a step of the server takes the key again in the transaction that does the write',
  },
  'ops.drop_expired_keys': {
    modes: ['worker'],
    reads: {
      'core.request_keys': ['id', 'expires_at'],
      'ops.idempotency_keys': ['tenant_id', 'user_id', 'key', 'expires_at'],
    },
    deletes: ['core.request_keys', 'ops.idempotency_keys'],
    reason: 'no answer is kept longer than a day',
  },
}
