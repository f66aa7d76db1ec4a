import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { credentialColumn } from './index.js'

describeRule(credentialColumn, import.meta.url, { severity: 'warning', fixable: true })

const table = (columns: readonly string[]): string =>
  `create table accounts (tenant_id text not null, ${columns.map((name) => `"${name}" text`).join(', ')});
   alter table accounts enable row level security; grant select on accounts to app_user`

it('finds what can be used as it stands, or guessed', async () => {
  const columns = ['password', 'api_key', 'refreshToken', 'client_secret', 'pwd_hash']
  const [finding] = await lintSql(credentialColumn, table(columns))
  expect(finding?.evidence['columns']).toEqual(columns)
})

it('says nothing of what is sealed, digested from something random, or only speaks of a credential', async () => {
  const columns = [
    'secret_ciphertext',
    'encrypted_password',
    'api_key_enc',
    'token_sealed',
    'api_key_hash',
    'refresh_token_digest',
    'secret_sha256',
    'secret_id',
    'api_key_prefix',
    'access_token_scope',
    'password_hint',
    'secretary',
  ]
  expect(await lintSql(credentialColumn, table(columns))).toEqual([])
})

it('gives no grants by hand as a fix where the isolation layer would take them for drift', async () => {
  const signed = { context: { kind: 'signed' } } as const
  const [finding] = await lintSql(credentialColumn, table(['password']), {}, signed)
  expect(finding?.fix).toBeNull()
  expect(finding?.remedy).toContain('commands: []')
})
