/** Roles of members as options of a choice. */
export const memberRoles = [
  { value: 'member', label: 'member' },
  { value: 'org_manager', label: 'org manager' },
  { value: 'tenant_admin', label: 'tenant admin' },
] as const

/** A role in words. */
export function roleName(role: string): string {
  return memberRoles.find(({ value }) => value === role)?.label ?? role
}
