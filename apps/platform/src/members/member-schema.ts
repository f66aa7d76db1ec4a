import { z } from 'zod'
import type { MemberRow } from './member-repository.js'

/** Roles of members. */
export const memberRole = z.enum(['tenant_admin', 'org_manager', 'member'])

/** How far a place reaches. */
export const placeScope = z.enum(['unit', 'subtree'])

/** A member as replies show them. */
export const memberSchema = z.object({
  userId: z.uuid(),
  /** Null for auditors, like the name. */
  email: z.nullable(z.string()),
  displayName: z.nullable(z.string()),
  role: memberRole,
  status: z.enum(['active', 'suspended', 'revoked']),
  jobTitle: z.nullable(z.string()),
  createdAt: z.iso.datetime(),
  places: z.array(z.object({ orgUnitId: z.uuid(), name: z.string(), scope: placeScope })),
})

/** The row as a reply. */
export function shownMember(row: MemberRow): z.input<typeof memberSchema> {
  return {
    userId: row.id,
    email: row.email,
    displayName: row.display_name,
    role: row.role,
    status: row.status,
    jobTitle: row.job_title,
    createdAt: row.created_at.toISOString(),
    places: [...row.places],
  }
}
