import { memberPackRoutes } from '../../src/members/routes.js'
import { identityRoutes } from '../../src/identity/routes.js'
import { demo } from '../../src/demo-data/index.js'
import { notificationLogRoutes } from '../../src/notify/log-routes.js'
import type { IdentityReply, IdentityServer } from './identity-server.js'
import { openIdentityServer } from './identity-server.js'

/** Methods of HTTP. */
export type Method = Parameters<IdentityServer['call']>[1]

/** People of the demo who are signed in and work in a tenant. */
export interface People {
  readonly server: IdentityServer
  /** The token of somebody outside of any tenant. */
  tokenOf(subject: string): Promise<string>
  /** Calls a route in the session of somebody. */
  as(subject: string, method: Method, path: string, body?: object): Promise<IdentityReply>
  /** Remembers who belongs where. */
  keep(): Promise<void>
  /** Brings back what was kept. */
  restore(): Promise<void>
  close(): Promise<void>
}

const { tenants } = demo
const homes: Readonly<Record<string, string>> = {
  ada: tenants.security,
  milan: tenants.security,
  sofia: tenants.security,
  greta: tenants.school,
  jonas: tenants.school,
  noah: tenants.school,
  omar: tenants.events,
}

const keeping = `
  create temp table kept_m as table core.memberships;
  create temp table kept_i as table core.invitations;
  create temp table kept_p as table core.org_memberships;
  create temp table kept_o as table core.org_units`

const restoring = `
  begin;
  delete from core.org_memberships;
  delete from core.memberships where id not in (select id from kept_m);
  update core.memberships m set role = k.role, status = k.status, revoked_at = k.revoked_at,
    job_title = k.job_title from kept_m k where k.id = m.id;
  delete from core.invitations where id not in (select id from kept_i);
  update core.invitations i set accepted_at = k.accepted_at, revoked_at = k.revoked_at
    from kept_i k where k.id = i.id;
  update core.org_units o set parent_id = k.parent_id, name = k.name, slug = k.slug,
    archived_at = k.archived_at from kept_o k where k.id = o.id;
  delete from core.org_units where id not in (select id from kept_o);
  insert into core.org_memberships select * from kept_p;
  drop table kept_m, kept_p, kept_o, kept_i;
  commit`

/** Opens the API with the routes of identity and members, and signs people in. */
export async function openPeople(): Promise<People> {
  const server = await openIdentityServer([
    ...identityRoutes,
    ...memberPackRoutes,
    ...notificationLogRoutes,
  ])
  const tokens = new Map<string, string>()
  const sessions = new Map<string, string>()

  async function tokenOf(subject: string): Promise<string> {
    const token = tokens.get(subject) ?? (await server.tokenOf(subject))
    tokens.set(subject, token)
    return token
  }

  for (const [subject, tenantId] of Object.entries(homes)) {
    sessions.set(subject, await server.switchTo(await tokenOf(subject), { tenantId }))
  }
  return {
    server,
    tokenOf,
    as: (subject, method, path, body) =>
      server.call(sessions.get(subject) ?? '', method, path, body),
    keep: async () => void (await server.database.admin.query(keeping)),
    restore: async () => void (await server.database.admin.query(restoring)),
    close: () => server.close(),
  }
}
