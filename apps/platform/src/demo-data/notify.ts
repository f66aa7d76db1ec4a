import { demoId } from './demo-id.js'
import { forEachTenant } from './demo-tenants.js'
import type { SeedContext } from './seed-context.js'
import { inTurn, insertRows } from './seed-context.js'

const insertSystemTemplates = `
insert into notify.system_templates (id, key, channel, locale, subject, body, variables)
select id, key, channel, locale, subject, body, variables
from jsonb_populate_recordset(null::notify.system_templates, $1::jsonb)`

const insertTemplates = `
insert into notify.templates (id, tenant_id, system_template_id, subject, body, version, updated_by)
select id, tenant_id, system_template_id, subject, body, version, updated_by
from jsonb_populate_recordset(null::notify.templates, $1::jsonb)`

const insertLogs = `
insert into notify.notification_logs (id, tenant_id, template_id, system_template_id, recipient_id,
  recipient_address, channel, status, subject, body, provider_message_id, error,
  created_at, sent_at)
select id, tenant_id, template_id, system_template_id, recipient_id,
  recipient_address, channel, status, subject, body, provider_message_id, error,
  created_at, sent_at
from jsonb_populate_recordset(null::notify.notification_logs, $1::jsonb)`

const insertPreferences = `
insert into notify.preferences (tenant_id, user_id, topic, channel, is_enabled, quiet_hours)
select tenant_id, user_id, topic, channel, is_enabled, quiet_hours
from jsonb_populate_recordset(null::notify.preferences, $1::jsonb)`

const systemTemplate = (row: number): string => demoId('notify.system_templates', 0, row)

/** Default texts, what tenants made of them, what was sent, and who wants what. */
export async function seedNotify(seed: SeedContext): Promise<void> {
  await insertRows(seed, insertSystemTemplates, [
    {
      id: systemTemplate(1),
      key: 'registration.confirmed',
      channel: 'email',
      locale: 'en',
      subject: 'Your ticket for {{event}}',
      body: 'Dear {{name}}, your code is {{code}}.',
      variables: ['event', 'name', 'code'],
    },
    {
      id: systemTemplate(2),
      key: 'alert.raised',
      channel: 'email',
      locale: 'en',
      subject: 'Alert: {{title}}',
      body: '{{title}} was detected at {{time}}.',
      variables: ['title', 'time'],
    },
  ])
  const templates = forEachTenant(2, (tenant, row) => ({
    id: demoId('notify.templates', tenant.number, row),
    tenant_id: tenant.id,
    system_template_id: systemTemplate(row),
    subject: `${tenant.key}: {{${inTurn(['event', 'title'], row)}}}`,
    body: `Greetings from ${tenant.key}.`,
    version: row,
    updated_by: tenant.admin,
  }))
  await insertRows(seed, insertTemplates, templates)
  const logs = forEachTenant(3, (tenant, row) => ({
    id: demoId('notify.notification_logs', tenant.number, row),
    tenant_id: tenant.id,
    template_id: row === 3 ? null : demoId('notify.templates', tenant.number, row),
    system_template_id: row === 3 ? systemTemplate(1) : null,
    recipient_id: inTurn([tenant.member, tenant.manager, tenant.admin], row),
    recipient_address: `recipient-${String(row)}@${tenant.key}.example`,
    channel: 'email',
    status: inTurn(['sent', 'bounced', 'queued'], row),
    subject: `Message ${String(row)} of ${tenant.key}`,
    body: `Text for a recipient of ${tenant.key}.`,
    provider_message_id: row === 3 ? null : `${tenant.key}-${String(row)}`,
    error: row === 2 ? 'mailbox is full' : null,
    created_at: seed.at({ minutes: -10 }),
    sent_at: row === 1 ? seed.at({ minutes: -9 }) : null,
  }))
  await insertRows(seed, insertLogs, logs)
  const preferences = forEachTenant(3, (tenant, row) => ({
    tenant_id: tenant.id,
    user_id: inTurn([tenant.member, tenant.manager, tenant.admin], row),
    topic: inTurn(['events', 'alerts', 'digest'], row),
    channel: inTurn(['email', 'push', 'in_app'], row),
    is_enabled: row !== 2,
    quiet_hours: row === 1 ? '[0,7)' : null,
  }))
  await insertRows(seed, insertPreferences, preferences)
}
