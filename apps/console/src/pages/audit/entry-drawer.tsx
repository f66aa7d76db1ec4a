import { Code, Drawer, Stack, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { DetailText } from '../../details/detail-text.js'
import { Facts } from '../../details/facts.js'
import { PageLink } from '../../details/page-link.js'
import { Redacted } from '../../details/redacted.js'
import { StateBadge } from '../../details/state-badge.js'
import { Time } from '../../details/time.js'
import { MemberName } from '../../directory/member-name.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { WhyDenied } from './why-denied.js'
import classes from './audit.module.css'

/** An entry of the audit log with all that it says, beside the list; it need not be in the list. */
export function EntryDrawer({
  id,
  onClose,
}: {
  readonly id: string | undefined
  readonly onClose: () => void
}): ReactNode {
  const { data: entry, error } = useQueries().useQuery(
    'get',
    '/api/v1/audit/{entryId}',
    { params: { path: { entryId: id ?? '' } } },
    { enabled: id !== undefined },
  )
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={entry?.action ?? 'Entry'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {id !== undefined && error !== null && <ObjectProblem error={error} what="entry" />}
      {id !== undefined && error === null && entry === undefined && <Loading />}
      {id !== undefined && entry !== undefined && (
        <Stack>
          <Facts
            facts={[
              ['Outcome', <StateBadge key="outcome" state={entry.outcome} />],
              ['Time', <Time key="at" at={entry.occurredAt} />],
              [
                'Actor',
                <Redacted
                  key="actor"
                  value={entry.actorId === null ? null : <MemberName id={entry.actorId} />}
                />,
              ],
              ['Role', entry.actorRole.replaceAll('_', ' ')],
              ['Target', entry.targetType],
              ['Id of the target', entry.targetId],
              ['Client', entry.clientAddress],
              ['Position in the chain', entry.position],
              [
                'Correlation',
                <PageLink
                  key="correlation"
                  to="/audit"
                  search={{ q: `correlation:${entry.correlationId}` }}
                >
                  {entry.correlationId}
                </PageLink>,
              ],
            ]}
          />
          <WhyDenied entry={entry} />
          <section aria-label="Detail">
            <Title order={2} size="h5" mb="xs">
              Detail
            </Title>
            <DetailText label="Detail of the entry" value={entry.detail} />
          </section>
          <section aria-label="Chain">
            <Title order={2} size="h5" mb="xs">
              Chain
            </Title>
            <Facts
              facts={[
                ['Hash of this entry', <Hash key="hash" value={entry.entryHash} />],
                [
                  'Hash of the entry before, as kept here',
                  entry.previousHash === null ? null : (
                    <Hash key="previous" value={entry.previousHash} />
                  ),
                ],
                ['Entry before', <Neighbour key="before" of={entry.previous} />],
                ['Entry after', <Neighbour key="after" of={entry.next} />],
              ]}
            />
          </section>
        </Stack>
      )}
    </Drawer>
  )
}

function Hash({ value }: { readonly value: string }): ReactNode {
  return <Code className={classes['hash'] ?? ''}>{value}</Code>
}

/** The entry at one side of the shown one, with the hash that it has itself. */
function Neighbour({
  of,
}: {
  readonly of: { readonly id: string; readonly position: number; readonly entryHash: string } | null
}): ReactNode {
  if (of === null) return 'none'
  return (
    <Stack gap={4}>
      <PageLink to="/audit" search={{ entry: of.id }}>
        Position {of.position}
      </PageLink>
      <Hash value={of.entryHash} />
    </Stack>
  )
}
