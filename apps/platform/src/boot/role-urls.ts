import type { BootedPlatform } from './boot-platform.js'
import type { RoleUrls } from './open-tx-manager.js'
import type { LoginKind } from './role-logins.js'

/** The login URL of every runtime role. */
export function roleUrlsOf(platform: BootedPlatform): RoleUrls {
  return {
    app: loginUrlOf(platform, 'app'),
    worker: loginUrlOf(platform, 'worker'),
    auditor: loginUrlOf(platform, 'auditor'),
    platform: loginUrlOf(platform, 'platform'),
    public: loginUrlOf(platform, 'public'),
  }
}

/** The login URL of one role. */
export function loginUrlOf({ server, logins }: BootedPlatform, mode: LoginKind): string {
  const login = logins.find((each) => each.mode === mode)
  if (login === undefined) throw new Error(`no login for role ${mode}`)
  return server.urlFor(login.role, login.password)
}
