import type { RuntimeRole } from 'watertight/model'
import type { BootedPlatform } from './boot-platform.js'
import type { RoleUrls } from './open-tx-manager.js'

/** The login URL of every runtime role. */
export function roleUrlsOf({ server, logins }: BootedPlatform): RoleUrls {
  const urlOf = (mode: RuntimeRole): string => {
    const login = logins.find((each) => each.mode === mode)
    if (login === undefined) throw new Error(`no login for role ${mode}`)
    return server.urlFor(login.role, login.password)
  }
  return {
    app: urlOf('app'),
    worker: urlOf('worker'),
    auditor: urlOf('auditor'),
    platform: urlOf('platform'),
    public: urlOf('public'),
  }
}
