import { defineTenancy } from 'watertight/model'
import type { Command, TableInput, TenancyModel } from 'watertight/model'
import { platformDisclosures } from './disclosures.js'
import { endingDisclosures, eraserDisclosures } from './tenants/erasure-disclosures.js'

const read: readonly Command[] = ['SELECT']
const readAndAdd: readonly Command[] = ['SELECT', 'INSERT']
const withoutDelete: readonly Command[] = ['SELECT', 'INSERT', 'UPDATE']
const withoutUpdate: readonly Command[] = ['SELECT', 'INSERT', 'DELETE']

/** What an auditor reads as NULL; nothing when left empty. */
const redact = (...columns: readonly string[]): { readonly redact: readonly string[] } => ({
  redact: columns,
})

const core: Readonly<Record<string, TableInput>> = {
  'core.tenants': {
    scope: 'tenant',
    commands: read,
    // A new tenant is the one row that a job pinned to its id can insert.
    workerCommands: withoutDelete,
    auditor: redact('billing_email'),
    public: {
      where: "has_public_page and status = 'active' and deleted_at is null",
      columns: ['id', 'slug', 'name'],
    },
  },
  'core.users': {
    scope: 'self',
    userColumn: 'id',
    sharedThrough: {
      table: 'core.memberships',
      userColumn: 'user_id',
      tenantColumn: 'tenant_id',
    },
    commands: read,
  },
  'core.memberships': { scope: 'tenant', commands: withoutDelete, auditor: true },
  'core.org_units': { scope: 'tenant', commands: withoutDelete, auditor: true },
  'core.org_memberships': { scope: 'tenant', auditor: true },
  'core.access_grants': {
    scope: 'tenant',
    commands: read,
    // A step of the server makes a grant of an approved request, and ends one; see access-grants/.
    workerCommands: withoutDelete,
    auditor: true,
  },
  'core.access_grant_requests': { scope: 'tenant', commands: withoutDelete, auditor: true },
  'core.archive_requests': {
    scope: 'tenant',
    commands: read,
    // Made for an administrator by a step of the server, and decided by platform staff.
    workerCommands: withoutDelete,
    auditor: true,
  },
  'core.api_keys': {
    scope: 'tenant',
    commands: withoutDelete,
    auditor: redact('prefix', 'key_hash'),
  },
  'core.organization_requests': {
    scope: 'self',
    userColumn: 'requested_by',
    commands: withoutUpdate,
  },
  // The platform's, and for nobody but the functions in tenants/erasure-disclosures.ts.
  'core.erasures': { scope: 'self', userColumn: 'requested_by', commands: [] },
  // Outside of any tenant, and for nobody but the functions in api/request-key-disclosures.ts.
  'core.request_keys': { scope: 'self', userColumn: 'user_id', commands: [] },
  'core.invitations': {
    scope: 'tenant',
    commands: withoutDelete,
    auditor: redact('email', 'token_hash'),
  },
  'core.legal_holds': {
    scope: 'tenant',
    // Not for the tenant to know, and still a row of the tenant.
    commands: [],
    workerCommands: withoutDelete,
  },
  'core.encryption_keys': {
    scope: 'tenant',
    commands: read,
    // Keys are made and changed in steps of the server, never by SQL that a member could inject.
    workerCommands: withoutDelete,
    auditor: redact('key_reference'),
  },
}

const ops: Readonly<Record<string, TableInput>> = {
  'ops.audit_log': {
    scope: 'tenant',
    appendOnly: true,
    // Who acted says also whose an evaluation is that is named in the entry: auditors see the role.
    auditor: redact('actor_id', 'client_address', 'detail'),
  },
  'ops.audit_heads': { scope: 'tenant', commands: withoutDelete, auditor: true },
  'ops.outbox': { scope: 'tenant' },
  'ops.idempotency_keys': { scope: 'self', userColumn: 'user_id' },
  'ops.isolation_runs': { scope: 'global' },
  'ops.isolation_cells': { scope: 'global' },
}

const sec: Readonly<Record<string, TableInput>> = {
  'sec.assets': {
    scope: 'org',
    auditor: redact('address', 'hardware_address', 'serial_number', 'attributes'),
  },
  'sec.enrollment_tokens': {
    scope: 'org',
    commands: withoutDelete,
    auditor: redact('token_hash'),
  },
  'sec.integration_destinations': { scope: 'tenant', auditor: redact('url') },
  'sec.integration_credentials': {
    scope: 'tenant',
    auditor: redact('secret_ciphertext', 'secret_hint'),
  },
  'sec.alerts': { scope: 'org', auditor: redact('detail') },
  'sec.tickets': { scope: 'org', auditor: redact('external_reference') },
  'sec.deliveries': { scope: 'tenant', auditor: redact('payload', 'signature') },
  'sec.delivery_attempts': {
    scope: 'tenant',
    through: 'sec.deliveries',
    commands: readAndAdd,
    auditor: redact('response_excerpt', 'error'),
  },
  'sec.frameworks': { scope: 'global' },
  'sec.controls': { scope: 'global' },
  'sec.tenant_control_status': { scope: 'tenant', auditor: true },
  'sec.evidence': {
    scope: 'tenant',
    appendOnly: true,
    auditor: redact('storage_reference', 'excerpt'),
  },
  'sec.exports': {
    // An export holds what its requester could see: no other member reads where its bytes lie.
    scope: 'self',
    userColumn: 'requested_by',
    auditor: redact('storage_reference'),
  },
}

/** Whoever does not supervise reaches what is their own, also with SQL that forgets to ask. */
const unlessSupervising = 'evaluations.supervise'

const evaluation: Readonly<Record<string, TableInput>> = {
  'eval.evaluations': { scope: 'org', commands: withoutDelete, auditor: true },
  'eval.evaluation_versions': {
    scope: 'org',
    commands: withoutDelete,
    auditor: redact('content'),
  },
  'eval.assignments': {
    scope: 'org',
    commands: withoutDelete,
    ownRows: { userColumn: 'assignee_id', unless: unlessSupervising },
    auditor: redact('assignee_id'),
  },
  'eval.sessions': {
    scope: 'org',
    commands: withoutDelete,
    ownRows: { userColumn: 'user_id', unless: unlessSupervising },
    auditor: redact('user_id', 'client_address'),
  },
  'eval.submissions': {
    scope: 'org',
    appendOnly: true,
    ownRows: { userColumn: 'submitted_by', unless: unlessSupervising },
    auditor: redact('submitted_by', 'comment'),
  },
  'eval.submission_items': {
    scope: 'org',
    appendOnly: true,
    ownRows: { through: 'eval.submissions' },
  },
  'eval.submission_score_versions': {
    scope: 'org',
    appendOnly: true,
    ownRows: { through: 'eval.submissions' },
    auditor: redact('breakdown'),
  },
  'eval.result_corrections': {
    scope: 'org',
    appendOnly: true,
    ownRows: { through: 'eval.submission_score_versions' },
    auditor: true,
  },
  'eval.correction_decisions': {
    scope: 'org',
    appendOnly: true,
    ownRows: { through: 'eval.result_corrections' },
    auditor: true,
  },
  'eval.ledger_events': {
    scope: 'org',
    appendOnly: true,
    ownRows: { userColumn: 'actor_id', unless: unlessSupervising },
    auditor: redact('actor_id', 'payload'),
  },
  'eval.ledger_heads': { scope: 'tenant', commands: withoutDelete },
}

const media: Readonly<Record<string, TableInput>> = {
  'media.files': { scope: 'tenant', auditor: redact('storage_key', 'original_name') },
  'media.variants': {
    scope: 'tenant',
    through: 'media.files',
    auditor: redact('storage_key'),
  },
}

const events: Readonly<Record<string, TableInput>> = {
  'evt.events': {
    scope: 'org',
    auditor: redact('contact_email', 'internal_note'),
    // Public with its tenant: one that is suspended or has no public page shows no event.
    public: {
      through: 'core.tenants',
      where: "status = 'published' and deleted_at is null",
      columns: [
        'id',
        'tenant_id',
        'slug',
        'title',
        'summary',
        'description',
        'starts_at',
        'ends_at',
        'time_zone',
        'venue',
        'city',
        'country',
        'categories',
        'title_key',
        'city_key',
      ],
    },
  },
  'evt.ticket_types': {
    scope: 'org',
    auditor: true,
    public: {
      through: 'evt.events',
      where: 'not is_hidden and archived_at is null',
      columns: [
        'id',
        'tenant_id',
        'event_id',
        'name',
        'description',
        'price_cents',
        'currency',
        'sales_from',
        'sales_until',
        'is_sold_out',
      ],
    },
  },
  'evt.registrations': {
    scope: 'org',
    auditor: redact('attendee_name', 'attendee_email', 'code', 'answers', 'request_id'),
  },
  'evt.check_ins': { scope: 'org', auditor: true },
  'evt.waitlist_entries': { scope: 'org', auditor: redact('name', 'email', 'code') },
}

const notify: Readonly<Record<string, TableInput>> = {
  'notify.system_templates': { scope: 'global' },
  'notify.templates': { scope: 'tenant', auditor: true },
  'notify.notification_logs': {
    scope: 'tenant',
    commands: withoutDelete,
    auditor: redact('recipient_address', 'subject', 'body', 'provider_message_id', 'error'),
  },
  'notify.preferences': { scope: 'self', userColumn: 'user_id' },
}

/** The login that erases tenants, which no mode of a request has. */
export function eraserRole(rolePrefix: string): string {
  return `${rolePrefix}_eraser`
}

/**
 * Whose every table of the platform is; `migrations/README.md` says why.
 *
 * References include the tenant (`composite-foreign-keys`), so that no row can point into another
 * tenant. The group `tenant-unique-keys` is left out: the only unique keys that lack the tenant are
 * those that are looked up before the tenant is known, see above, and they have to stay as they are.
 *
 * @param rolePrefix the database roles are `<prefix>_app`, `<prefix>_auditor` and so on
 * @throws INVALID_MODEL when the prefix makes names longer than PostgreSQL's
 * @example
 * ```ts
 * platformTenancy('platform').roles.app // 'platform_app'
 * ```
 */
export function platformTenancy(rolePrefix: string): TenancyModel {
  return defineTenancy({
    schemas: ['core', 'ops', 'sec', 'eval', 'media', 'evt', 'notify'],
    tenantKey: {
      column: 'tenant_id',
      type: 'uuid',
      table: 'core.tenants',
      activeWhere: "status = 'active' and deleted_at is null",
      columnByTable: { 'core.tenants': 'id' },
    },
    orgUnits: { table: 'core.org_units' },
    accessGrants: 'core.access_grants',
    context: { kind: 'signed' },
    roles: { prefix: rolePrefix },
    tables: { ...core, ...ops, ...sec, ...evaluation, ...media, ...events, ...notify },
    disclosures: {
      functions: {
        ...platformDisclosures,
        ...endingDisclosures,
        ...eraserDisclosures(eraserRole(rolePrefix)),
      },
    },
    include: ['composite-foreign-keys'],
  })
}
