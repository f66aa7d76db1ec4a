/**
 * Every reason that {@link why} gives, with one sentence about what it means. The table is the
 * source of the type {@link DenialReason} and of `docs/explain.md`; a test holds the two equal.
 */
export const denialReasons = {
  allowed: 'Nothing in the isolation layer stands in the way.',
  'context-required': 'There is no tenant context, so no statement runs.',
  'context-expired': 'The tenant context is past its expiry, by the clock that is named.',
  'role-not-configured': 'The manager has no pool for the role that this mode runs as.',
  'context-refused': 'The database does not accept the signed context, so every claim is absent.',
  'signing-key-unknown': 'The context is signed with a key that the database does not hold.',
  'signing-key-retired': 'The context is signed with a key that the database no longer accepts.',
  'signature-wrong':
    'The context is not what was signed: the secret differs under the same key id, or it was changed.',
  'access-grant-ended':
    'The access grant of the context is not live: expired, revoked, not begun, or of somebody else.',
  'access-grant-read-only': 'The access grant of the context does not allow writing.',
  'claim-absent': 'The policy needs a claim that the context does not have.',
  'missing-schema-usage': 'The role has no USAGE on the schema.',
  'missing-table-grant': 'The role has no privilege for the command on the table.',
  'missing-column-grant': 'The role lacks the privilege on columns that the statement uses.',
  'missing-sequence-grant': 'The role cannot use the sequence that numbers a column it leaves out.',
  'missing-policy-grant':
    'A policy of the table reads a table or calls a function that the role may not use.',
  'append-only': 'The table is append-only: rows are neither changed nor deleted.',
  'no-policy': 'Row security is on and no permissive policy applies to the role and command.',
  'returning-needs-select':
    'RETURNING reads the new row, and no SELECT policy or privilege lets the role read it.',
  'new-row-hidden':
    'The statement has a WHERE, so the changed row must stay readable, and a SELECT policy hides it.',
  'row-not-found': 'There is no row with this key.',
  'row-not-found-or-hidden':
    'There is no such row, or a policy hides it; without a diagnostic connection the two look alike.',
  'other-tenant': 'The row belongs to another tenant than the context.',
  'outside-org-scope': 'The row lies in an org unit outside of the org scope of the context.',
  'other-user': 'The row belongs to another user than the context.',
  'other-mode': 'The policy is for contexts of another mode.',
  'missing-capability': 'The context lacks a capability that the policy asks for.',
  'related-row-missing':
    'The policy looks for a row of another table, such as a parent or a membership, and the context reaches none.',
  'policy-condition': 'The row does not satisfy a condition of the policy.',
  undetermined: 'A policy could not be evaluated; its note says why.',
} as const

/** Why a statement was refused or found nothing. */
export type DenialReason = keyof typeof denialReasons
