import { Group, Paper, Stack, Switch, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { Time } from '../../details/time.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMayChange, useSession } from '../../session/session.js'
import { EmptyState } from '../../states/empty-state.js'
import { Loading } from '../../states/loading.js'
import { PageProblem } from '../../states/page-problem.js'
import { OrgUnitActions } from './org-unit-actions.js'
import type { OrgBranch, OrgUnit } from './org-tree.js'
import { treesOf } from './org-tree.js'
import { useOrgTree } from './use-org-tree.js'
import classes from './org-tree.module.css'

/** Org units in scope as a tree. */
export function Page(): ReactNode {
  const [values, change] = useUrlValues()
  const isArchive = values['archived'] === 'true'
  const { units, error, reload } = useOrgTree(isArchive)
  const mayWrite = useMayChange('org_units.write') && !isArchive
  return (
    <Stack>
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={1} size="h2">
            Org units
          </Title>
          <Text size="sm" c="dimmed" maw={720}>
            Subdivisions of this tenant that you see. Who works in one sees nothing of the others;
            with all below it, they see its subtree.
          </Text>
        </div>
        <Switch
          label="Show archived ones"
          checked={isArchive}
          onChange={() => change({ archived: isArchive ? undefined : 'true' })}
        />
      </Group>
      {error !== null && <PageProblem error={error} onRetry={reload} what="list" />}
      {error === null && units === undefined && <Loading />}
      {units?.length === 0 && (
        <EmptyState title={isArchive ? 'No archived org units' : 'No org units in sight'}>
          {isArchive
            ? 'Org units are archived when nothing and nobody is in them any more.'
            : 'Org units that you do not work in are not shown here.'}
        </EmptyState>
      )}
      {units !== undefined && units.length > 0 && (
        <Paper withBorder p="sm">
          <Branches branches={treesOf(units)} units={units} mayWrite={mayWrite} />
        </Paper>
      )}
    </Stack>
  )
}

interface BranchesProps {
  readonly branches: readonly OrgBranch[]
  readonly units: readonly OrgUnit[]
  readonly mayWrite: boolean
}

function Branches({ branches, units, mayWrite }: BranchesProps): ReactNode {
  const { tenant } = useSession().session
  return (
    <ul className={classes['branches']}>
      {branches.map(({ unit, below }) => (
        <li key={unit.id}>
          <Group gap="xs" className={classes['unit'] ?? ''} justify="space-between">
            <Group gap="xs">
              <Text fw={unit.isHiddenRoot ? 600 : 500}>
                {unit.isHiddenRoot ? `${tenant?.name ?? unit.name} (whole tenant)` : unit.name}
              </Text>
              <Text size="xs" c="dimmed">
                {unit.slug}
              </Text>
              {unit.archivedAt !== null && (
                <Text size="xs" c="dimmed">
                  archived <Time at={unit.archivedAt} />
                </Text>
              )}
            </Group>
            {mayWrite && <OrgUnitActions unit={unit} units={units} />}
          </Group>
          {below.length > 0 && <Branches branches={below} units={units} mayWrite={mayWrite} />}
        </li>
      ))}
    </ul>
  )
}
