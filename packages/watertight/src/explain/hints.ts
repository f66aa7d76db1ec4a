import type { DenialReason } from './denial-reasons.js'

/** What to do about each reason; null where there is nothing to do. */
export const hints: Readonly<Record<DenialReason, string | null>> = {
  allowed: null,
  'context-required': 'Pass the context, or call inside withContext(context, fn).',
  'context-expired': 'Parse a fresh context from the caller’s token, and compare the clocks.',
  'role-not-configured': 'Give createTxManager a pool that logs in as the role of this mode.',
  'context-refused':
    'Check that the signing key of the server is in watertight.signing_keys; with `diagnostic` the reason is told.',
  'signing-key-unknown': 'Add the key with `watertight keys add`, or sign with one that is there.',
  'signing-key-retired': 'Sign with the current key: the key of the process is past its not_after.',
  'signature-wrong': 'Give the process the secret that the database has under this key id.',
  'access-grant-ended': 'Look at the row of the access grant, or ask for a new one.',
  'access-grant-read-only': 'Ask for an access grant that allows writing.',
  'claim-absent': 'Put the claim into parseTenantContext: it is null in this context.',
  'missing-schema-usage': 'Declare the table in the model and apply it, or grant USAGE.',
  'missing-table-grant': 'Allow the command in `commands` of the table in the model, and apply it.',
  'missing-column-grant':
    'Name the columns that the role may use, or leave the others out of the statement.',
  'missing-sequence-grant': 'Apply the model: it grants the sequence to who may insert.',
  'missing-policy-grant':
    'Grant it to the role, or let the policy call a SECURITY DEFINER function.',
  'append-only': 'Insert a row that corrects the other one.',
  'no-policy': 'Declare what this mode may do with the table, and apply the model.',
  'returning-needs-select': 'Leave RETURNING out, or let the role read what it writes.',
  'new-row-hidden': 'The row would leave what the context may read.',
  'row-not-found': 'Check the key.',
  'row-not-found-or-hidden':
    'Pass `diagnostic`, a pool of the migrator or a superuser, to learn which; in development only.',
  'other-tenant': 'Run under a context of the tenant that owns the row.',
  'outside-org-scope': 'Run under an org scope that covers the unit of the row.',
  'other-user': 'Only the user who owns the row reaches it.',
  'other-mode': 'Run the statement in the mode that the policy is for.',
  'missing-capability': 'Give the principal the capability, or do not offer the operation.',
  'related-row-missing': 'Ask why() about the row that the policy looks for.',
  'policy-condition': 'Compare the row with the expression of the policy.',
  undetermined: 'Read the note of the policy; triggers and generated columns are not evaluated.',
}
