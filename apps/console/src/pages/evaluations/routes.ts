import {
  IconChecklist,
  IconClipboardCheck,
  IconClipboardText,
  IconFileCheck,
  IconListDetails,
} from '@tabler/icons-react'
import type { PageRoute } from '../page-route.js'

const places = ['member', 'grant'] as const
const capability = 'evaluations.read'

/** Evaluations from their questions to their results. */
export const evaluationRoutes: readonly PageRoute[] = [
  {
    path: '/evaluations',
    title: 'Evaluations',
    places,
    capability,
    nav: { group: 'Evaluations', icon: IconClipboardText },
    load: () => import('./evaluation-list-page.js'),
  },
  {
    path: '/evaluations/$evaluationId',
    title: 'Evaluation',
    places,
    capability,
    load: () => import('./evaluation-page.js'),
  },
  {
    path: '/evaluations/$evaluationId/draft',
    title: 'New version',
    places,
    capability: 'evaluations.write',
    load: () => import('./new-version-page.js'),
  },
  {
    path: '/evaluations/versions/$versionId',
    title: 'Version',
    places,
    capability,
    load: () => import('./version-page.js'),
  },
  {
    path: '/assignments',
    title: 'Assignments',
    places,
    capability,
    nav: { group: 'Evaluations', icon: IconChecklist },
    load: () => import('./assignment-list-page.js'),
  },
  {
    path: '/assignments/sessions/$sessionId',
    title: 'Session',
    places: ['member'],
    capability,
    load: () => import('./session-page.js'),
  },
  {
    path: '/submissions',
    title: 'Submissions',
    places,
    capability,
    nav: { group: 'Evaluations', icon: IconFileCheck },
    load: () => import('./submission-list-page.js'),
  },
  {
    path: '/submissions/$submissionId',
    title: 'Submission',
    places,
    capability,
    load: () => import('./submission-page.js'),
  },
  {
    path: '/results',
    title: 'Results',
    places,
    capability,
    nav: { group: 'Evaluations', icon: IconClipboardCheck },
    load: () => import('./result-list-page.js'),
  },
  {
    path: '/ledger',
    title: 'Ledger',
    places,
    capability: 'evaluations.supervise',
    nav: { group: 'Evaluations', icon: IconListDetails },
    load: () => import('./ledger-page.js'),
  },
]
