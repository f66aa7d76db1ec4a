import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import type { RuntimeRole, TenancyModel } from 'watertight/model'
import type { Queryable } from 'watertight/sql'
import { ident, literal, sql } from 'watertight/sql'

/** Whose login it is: of the requests and jobs of a mode, or of the eraser. */
export type LoginKind = RuntimeRole | 'eraser'

/** A login of one role that the platform runs as. */
export interface RoleLogin {
  readonly mode: LoginKind
  readonly role: string
  readonly password: string
}

/** Who logs in: modes, each with a pool of its own, and the eraser. */
export const loginModes: readonly LoginKind[] = [
  'app',
  'worker',
  'auditor',
  'platform',
  'public',
  'eraser',
]

/** The password that a role shall have. */
export type PasswordOf = (mode: LoginKind) => string

const randomPassword: PasswordOf = () => randomBytes(18).toString('base64url')

/** Gives every runtime role of the model a password; a fresh random one by default. */
export async function setRolePasswords(
  db: Queryable,
  model: TenancyModel,
  passwordOf: PasswordOf = randomPassword,
): Promise<readonly RoleLogin[]> {
  const logins = loginModes.flatMap((mode) => {
    const role = roleOfLogin(model, mode)
    return role === null ? [] : [{ mode, role, password: passwordOf(mode) }]
  })
  for (const { role, password } of logins) {
    const verifier = literal(scramVerifier(password))
    await db.query(sql`alter role ${ident(role)} password ${verifier}`.text)
  }
  return logins
}

/** The eraser's role is the one that disclosures name as a caller of its own. */
function roleOfLogin(model: TenancyModel, mode: LoginKind): string | null {
  if (mode !== 'eraser') return model.roles[mode]
  return model.disclosures?.functions.flatMap(({ callers }) => callers)[0] ?? null
}

/**
 * What the server stores of a password under SCRAM-SHA-256 (RFC 5803), so that the password itself
 * never appears in a statement that the server may log.
 */
function scramVerifier(password: string): string {
  const iterations = 4096
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const keyOf = (name: string): Buffer => createHmac('sha256', salted).update(name).digest()
  const storedKey = createHash('sha256').update(keyOf('Client Key')).digest()
  const parts = [storedKey, keyOf('Server Key')].map((key) => key.toString('base64'))
  return `SCRAM-SHA-256$${String(iterations)}:${salt.toString('base64')}$${parts.join(':')}`
}
