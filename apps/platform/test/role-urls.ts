import type { RoleUrls } from '../src/boot/open-tx-manager.js'
import type { PlatformDatabase } from './platform-database.js'

/** The login URL of every runtime role of a test database. */
export function roleUrls(database: PlatformDatabase): RoleUrls {
  const urlOf = (mode: keyof RoleUrls): string => database.urlFor(database.role(mode))
  return {
    app: urlOf('app'),
    worker: urlOf('worker'),
    auditor: urlOf('auditor'),
    platform: urlOf('platform'),
    public: urlOf('public'),
  }
}
