import { ActionIcon, Badge, Button, Group, Menu, Text, useMantineColorScheme } from '@mantine/core'
import {
  IconBuildingCommunity,
  IconChevronDown,
  IconHierarchy2,
  IconMoon,
  IconSun,
  IconUser,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { baseOf } from '../session/place.js'
import { useSession } from '../session/session.js'
import { RemainingTime } from './remaining-time.js'

/** Tenant, org unit, role, mode and remaining time: whose data a page shows, and as whom. */
export function TopBar(): ReactNode {
  const { session, signOut } = useSession()
  const { colorScheme, toggleColorScheme } = useMantineColorScheme()
  return (
    <Group justify="space-between" wrap="nowrap" flex={1} gap="sm" miw={0}>
      <Group gap="xs" wrap="nowrap" miw={0}>
        <TenantMenu />
        <OrgUnitMenu />
      </Group>
      <Group gap="xs" wrap="nowrap">
        <Badge variant="light" visibleFrom="md" data-testid="role">
          {session.role?.replace('_', ' ') ?? session.mode}
        </Badge>
        {session.window !== null && (
          <Badge variant="outline" visibleFrom="md">
            <RemainingTime until={session.window.expiresAt} />
          </Badge>
        )}
        <ActionIcon
          variant="default"
          size="lg"
          onClick={toggleColorScheme}
          aria-label={colorScheme === 'dark' ? 'Use light colours' : 'Use dark colours'}
        >
          {colorScheme === 'dark' ? <IconSun size={18} /> : <IconMoon size={18} />}
        </ActionIcon>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon
              variant="default"
              size="lg"
              aria-label={`Account of ${session.user.displayName}`}
            >
              <IconUser size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>
              {session.user.displayName}
              <br />
              {session.user.email}
            </Menu.Label>
            <Menu.Item onClick={signOut}>Sign out</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
    </Group>
  )
}

/** Other tenants, access grants and the platform: each is another document. */
function TenantMenu(): ReactNode {
  const { session, place } = useSession()
  const shown = session.tenant?.name ?? (place.kind === 'platform' ? 'Platform' : 'No tenant')
  const tenants = session.tenants.filter(({ status }) => status === 'active')
  return (
    <Menu position="bottom-start" width={300}>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconBuildingCommunity size={18} aria-hidden />}
          rightSection={<IconChevronDown size={16} aria-hidden />}
          data-testid="tenant"
          aria-label={`Tenant: ${shown}. Switch`}
        >
          <Text truncate maw={180} size="sm" fw={600}>
            {shown}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {tenants.length > 0 && <Menu.Label>Tenants</Menu.Label>}
        {tenants.map(({ id, slug, name }) => (
          <Menu.Item
            key={id}
            component="a"
            href={`${baseOf({ kind: 'member', tenant: slug, orgUnitId: null })}/`}
            aria-current={place.kind === 'member' && slug === place.tenant}
          >
            {name}
          </Menu.Item>
        ))}
        {session.grants.length > 0 && <Menu.Label>Windows</Menu.Label>}
        {session.grants.map(({ id, tenantName, mode }) => (
          <Menu.Item key={id} component="a" href={`${baseOf({ kind: 'grant', grantId: id })}/`}>
            {tenantName} · {mode === 'auditor' ? 'as auditor' : 'platform support'}
          </Menu.Item>
        ))}
        {session.user.isPlatformStaff && (
          <>
            <Menu.Divider />
            <Menu.Item component="a" href="/platform/">
              Platform
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

/** There is none for tenants with one unit. */
function OrgUnitMenu(): ReactNode {
  const { session, place } = useSession()
  if (place.kind !== 'member' || session.orgUnits.length < 2) return null
  const shown = session.orgUnits.find(({ id }) => id === place.orgUnitId)?.name ?? 'All units'
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <Button
          variant="subtle"
          visibleFrom="xs"
          leftSection={<IconHierarchy2 size={18} aria-hidden />}
          rightSection={<IconChevronDown size={16} aria-hidden />}
          data-testid="org-unit"
          aria-label={`Org unit: ${shown}. Switch`}
        >
          <Text truncate maw={160} size="sm">
            {shown}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={`${baseOf({ ...place, orgUnitId: null })}/`}>
          All units
        </Menu.Item>
        {session.orgUnits.map(({ id, name }) => (
          <Menu.Item key={id} component="a" href={`${baseOf({ ...place, orgUnitId: id })}/`}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
