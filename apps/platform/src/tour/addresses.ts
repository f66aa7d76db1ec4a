import { formatSigningKey, parseTenantContext, signContext } from 'watertight/runtime'
import type { ContextMode } from 'watertight/runtime'
import { literal, sql } from 'watertight/sql'
import type { BootedPlatform } from '../boot/boot-platform.js'
import type { DemoActor } from '../demo-data/index.js'

/** How long the printed contexts are good for. */
const contextLifetimeSeconds = 8 * 60 * 60

const roleOfMode: Readonly<Record<ContextMode, string>> = {
  member: 'app',
  worker: 'worker',
  auditor: 'auditor',
  platform: 'platform',
  public: 'public',
}

/** URLs by role, the signing key, and a signed context for every demo actor, as lines of text. */
export function renderAddresses(
  platform: BootedPlatform,
  actors: readonly DemoActor[],
): readonly string[] {
  const { server, logins, signingKey } = platform
  const urls = logins.map(({ mode, role, password }) => [mode, server.urlFor(role, password)])
  const [first] = actors
  return [
    'Log in with psql or any other client, as one of the roles of the platform:',
    ...urls.map(([mode = '', url = '']) => `  ${mode.padEnd(9)} ${url}`),
    `  ${'superuser'.padEnd(9)} ${server.adminUrl}`,
    '  (the superuser sees every tenant: for a look at what is there, never for an application)',
    '',
    `Contexts are signed with this key; it belongs into the application's environment:`,
    `  WATERTIGHT_SIGNING_KEY=${formatSigningKey(signingKey)}`,
    '',
    `Signed contexts, good for ${contextLifetimeSeconds / 3600} hours; log in as the role in brackets:`,
    ...actors.flatMap((actor) => [
      `  ${actor.name}, ${actor.what} [${roleOfMode[actor.claims.mode]}]`,
      `    ${setContext(platform, actor)};`,
    ]),
    '',
    'Without a context every table is empty. Paste this as the app role to see the difference:',
    '  SELECT count(*) FROM sec.assets;',
    ...(first === undefined ? [] : [`  BEGIN; ${setContext(platform, first)};`]),
    '  SELECT hostname, display_name FROM sec.assets; COMMIT;',
  ]
}

/** `SET LOCAL watertight.context = '…'`: the context ends with the transaction. */
function setContext({ signingKey }: BootedPlatform, actor: DemoActor): string {
  const context = parseTenantContext(actor.claims, { lifetimeSeconds: contextLifetimeSeconds })
  return sql`SET LOCAL watertight.context = ${literal(signContext(context, signingKey))}`.text
}
