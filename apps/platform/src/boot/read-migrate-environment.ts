import { formatSigningKey } from 'watertight/runtime'
import type { KeySetup } from '../keys/key-setup.js'
import { readKeySetup } from '../keys/read-key-setup.js'
import { readEnvironment } from '../program/environment.js'
import type { Variables } from '../program/environment.js'
import type { LoginKind, PasswordOf } from './role-logins.js'
import { loginModes } from './role-logins.js'

/** What the step that migrates is told. */
export interface MigrateEnvironment {
  readonly databaseUrl: string
  readonly rolePrefix: string
  /** Text form. */
  readonly signingKey: string
  readonly passwordOf: PasswordOf
  /** For demo data alone; null without. */
  readonly demoKeys: KeySetup | null
}

/** Environment variable with the password of a login. */
function passwordVariable(mode: LoginKind): string {
  return `PLATFORM_${mode.toUpperCase()}_PASSWORD`
}

/**
 * Reads the environment of the step that migrates, with all problems at once; no value is shown.
 *
 * @param demo true when demo data is asked for
 * @throws INVALID_INPUT with every problem.
 */
export function readMigrateEnvironment(variables: Variables, demo: boolean): MigrateEnvironment {
  const read = readEnvironment(variables)
  const { problem, optional } = read
  const databaseUrl = read.databaseUrl('DATABASE_URL_MIGRATOR')
  const signingKey = read.signingKey()
  const rolePrefix = optional('PLATFORM_ROLE_PREFIX') ?? 'platform'
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(rolePrefix)) {
    problem('PLATFORM_ROLE_PREFIX', 'is up to 41 of a-z, 0-9 and _, with a letter in front')
  }
  const passwords = new Map<LoginKind, string>()
  for (const mode of loginModes) {
    const name = passwordVariable(mode)
    const password = read.required(name)
    // Beyond ASCII, clients prepare passwords in ways of their own (SASLprep).
    if (password !== '' && !/^[\x21-\x7e]{16,200}$/.test(password)) {
      problem(name, 'must have 16 to 200 characters of ASCII without spaces')
    }
    if ([...passwords.values()].includes(password) && password !== '') {
      problem(name, 'is the password of another role')
    }
    passwords.set(mode, password)
  }
  const demoKeys = demo ? read.with(() => readKeySetup(variables)) : null
  if (demoKeys === undefined) {
    problem('PLATFORM_KEY_ENCRYPTION_KEY', 'is required with --demo, or PLATFORM_AWS_KMS_REGION')
  }
  if (demo && optional('NODE_ENV') === 'production') {
    problem('NODE_ENV', 'is production, where there is no demo data')
  }
  read.refuseProblems()
  if (signingKey === null) throw new Error('a problem of the environment was not said')
  return {
    databaseUrl,
    rolePrefix,
    signingKey: formatSigningKey(signingKey),
    passwordOf: (mode) => passwords.get(mode) ?? '',
    demoKeys: demoKeys ?? null,
  }
}
