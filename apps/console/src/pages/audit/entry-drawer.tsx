import { Code, Drawer, Stack, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { DetailText } from '../../details/detail-text.js'
import { Facts } from '../../details/facts.js'
import { PageLink } from '../../details/page-link.js'
import { StateBadge } from '../../details/state-badge.js'
import { Time } from '../../details/time.js'
import { MemberName } from '../../directory/member-name.js'
import type { ItemOf } from '../../lists/use-list.js'
import { WhyDenied } from './why-denied.js'
import classes from './audit.module.css'

/** An entry of the audit log with all that it says, beside the list. */
export function EntryDrawer({
  entry,
  onClose,
}: {
  readonly entry: ItemOf<'/api/v1/audit'> | undefined
  readonly onClose: () => void
}): ReactNode {
  return (
    <Drawer
      opened={entry !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={entry?.action ?? 'Entry'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {entry !== undefined && (
        <Stack>
          <Facts
            facts={[
              ['Outcome', <StateBadge key="outcome" state={entry.outcome} />],
              ['Time', <Time key="at" at={entry.occurredAt} />],
              ['Actor', <MemberName key="actor" id={entry.actorId} />],
              ['Role', entry.actorRole],
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
          <section aria-label="Hash">
            <Title order={2} size="h5" mb="xs">
              Hash
            </Title>
            <Code className={classes['hash'] ?? ''}>{entry.entryHash}</Code>
          </section>
        </Stack>
      )}
    </Drawer>
  )
}
