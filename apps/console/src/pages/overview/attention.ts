import type { ListPath } from '../../lists/use-list.js'

/** Something that may wait for somebody: a list with filters, and what it says when it is not empty. */
export interface Attention {
  readonly id: string
  readonly capability: string
  readonly path: ListPath
  readonly query: Readonly<Record<string, string>>
  /** Where the same list is seen. */
  readonly to: string
  readonly search: Readonly<Record<string, string>>
  readonly title: string
  readonly text: string
  readonly isUrgent?: boolean
  /** Which of the items count, where the API has no filter for it. */
  readonly counts?: (item: Readonly<Record<string, unknown>>) => boolean
}

/** Everything that can wait for the caller, by the capabilities that show it. */
export function attentionFor(userId: string): readonly Attention[] {
  return [
    same(
      'open-alerts',
      'alerts.read',
      '/api/v1/alerts',
      '/alerts',
      { status: 'open' },
      {
        title: 'Open alerts',
        text: 'nobody has acknowledged them',
        isUrgent: true,
      },
    ),
    same(
      'my-alerts',
      'alerts.write',
      '/api/v1/alerts',
      '/alerts',
      {
        status: 'acknowledged',
        assignedTo: userId,
      },
      { title: 'Alerts assigned to you', text: 'acknowledged and not resolved' },
    ),
    same(
      'assets',
      'assets.read',
      '/api/v1/assets',
      '/assets',
      { status: 'pending' },
      {
        title: 'Pending assets',
        text: 'they wait for approval',
      },
    ),
    same(
      'tickets',
      'tickets.read',
      '/api/v1/tickets',
      '/tickets',
      { state: 'open' },
      {
        title: 'Open tickets',
        text: 'nobody has started work on them',
      },
    ),
    same(
      'dead-letters',
      'deliveries.read',
      '/api/v1/integrations/deliveries',
      '/deliveries',
      { state: 'dead_letter' },
      { title: 'Dead letters', text: 'deliveries that were given up', isUrgent: true },
    ),
    same(
      'requests',
      'access_grants.read',
      '/api/v1/access-grant-requests',
      '/access-requests',
      { status: 'pending' },
      { title: 'Access requests', text: 'they wait for a second person' },
    ),
    {
      ...same(
        'grants',
        'access_grants.read',
        '/api/v1/access-grants',
        '/access-grants',
        {},
        {
          title: 'Live access grants',
          text: 'somebody from outside can see this tenant now',
        },
      ),
      counts: ({ state }) => state === 'live',
    },
    same(
      'invitations',
      'members.write',
      '/api/v1/invitations',
      '/invitations',
      { state: 'open' },
      {
        title: 'Open invitations',
        text: 'nobody has accepted them yet',
      },
    ),
    same(
      'assignments',
      'evaluations.take',
      '/api/v1/assignments',
      '/assignments',
      {
        status: 'assigned',
        assigneeId: userId,
      },
      { title: 'Evaluations for you', text: 'assigned to you and not started' },
    ),
    {
      ...same(
        'scores',
        'evaluations.score',
        '/api/v1/evaluation-results',
        '/results',
        {},
        {
          title: 'Submissions without score',
          text: 'somebody waits for the result',
        },
      ),
      counts: ({ scoreVersion }) => scoreVersion === null,
    },
    same(
      'drafts',
      'events.write',
      '/api/v1/events',
      '/events',
      { status: 'draft' },
      {
        title: 'Draft events',
        text: 'they have no public page yet',
      },
    ),
    same(
      'events',
      'events.read',
      '/api/v1/events',
      '/events',
      { status: 'published' },
      {
        title: 'Published events',
        text: 'people can register for them',
      },
    ),
  ]
}

function same(
  id: string,
  capability: string,
  path: ListPath,
  to: string,
  filters: Readonly<Record<string, string>>,
  words: Pick<Attention, 'title' | 'text' | 'isUrgent'>,
): Attention {
  return { id, capability, path, query: filters, to, search: filters, ...words }
}
