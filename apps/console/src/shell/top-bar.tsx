import { Text } from '@mantine/core'
import {
  IconBuildingCommunity,
  IconChevronDown,
  IconHierarchy2,
  IconSearch,
  IconUser,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useSession } from '../session/session.js'
import { AccountPanel } from './account-panel.js'
import { ActingAs } from './acting-as.js'
import { ChoiceList } from './choice-list.js'
import { orgUnitChoices, placeChoices } from './choices.js'
import { Flyout } from './flyout.js'
import flyout from './flyout.module.css'
import classes from './top-bar.module.css'

/** Tenant, org unit, role, mode and remaining time: whose data a page shows, and as whom. */
export function TopBar({ onSearch }: { readonly onSearch: () => void }): ReactNode {
  const { session } = useSession()
  return (
    <div className={classes['bar'] ?? ''}>
      <TenantMenu />
      <OrgUnitMenu />
      <div className={classes['who'] ?? ''}>
        <ActingAs />
      </div>
      <div className={classes['tools'] ?? ''}>
        <button
          type="button"
          className={flyout['button'] ?? ''}
          onClick={onSearch}
          aria-label="Go to …"
          aria-keyshortcuts="Control+K Meta+K"
          title="Go to … (Ctrl+K)"
        >
          <IconSearch size={18} aria-hidden />
        </button>
        <Flyout
          label={`Account of ${session.user.displayName}`}
          button={<IconUser size={18} aria-hidden />}
          testId="account"
        >
          {() => <AccountPanel />}
        </Flyout>
      </div>
    </div>
  )
}

/** Other tenants, windows and the platform: each is another document. */
function TenantMenu(): ReactNode {
  const placed = useSession()
  const { session, place } = placed
  const shown = session.tenant?.name ?? (place.kind === 'platform' ? 'Platform' : 'No tenant')
  return (
    <Flyout
      label={`Tenant: ${shown}. Switch`}
      testId="tenant"
      button={
        <>
          <IconBuildingCommunity size={18} aria-hidden />
          <Text truncate size="sm" fw={600}>
            {shown}
          </Text>
          <IconChevronDown size={16} aria-hidden />
        </>
      }
    >
      {() => <ChoiceList groups={placeChoices(placed)} search="Search tenants" />}
    </Flyout>
  )
}

/** There is none for tenants with one unit. */
function OrgUnitMenu(): ReactNode {
  const placed = useSession()
  const choices = orgUnitChoices(placed)
  if (choices.length === 0) return null
  const shown = choices.find(({ isCurrent }) => isCurrent)?.label ?? 'All units'
  return (
    <Flyout
      label={`Org unit: ${shown}. Switch`}
      testId="org-unit"
      button={
        <>
          <IconHierarchy2 size={18} aria-hidden />
          <Text truncate size="sm">
            {shown}
          </Text>
          <IconChevronDown size={16} aria-hidden />
        </>
      }
    >
      {() => <ChoiceList groups={[{ title: 'Org units', choices }]} search="Search org units" />}
    </Flyout>
  )
}
