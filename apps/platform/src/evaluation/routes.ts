import type { Route } from '../api/route.js'
import { assignmentRoutes } from './assignment-routes.js'
import { correctionRoutes } from './correction-routes.js'
import { definitionRoutes } from './definition-routes.js'
import { ledgerRoutes } from './ledger-routes.js'
import { resultRoutes } from './result-routes.js'
import { scoreRoutes } from './score-routes.js'
import { sessionRoutes } from './session-routes.js'
import { submissionRoutes } from './submission-routes.js'
import { versionRoutes } from './version-routes.js'

/** Evaluations, from their definition to the ledger of what happened to them. */
export const evaluationRoutes: readonly Route[] = [
  ...definitionRoutes,
  ...versionRoutes,
  ...assignmentRoutes,
  ...sessionRoutes,
  ...submissionRoutes,
  ...scoreRoutes,
  ...correctionRoutes,
  ...resultRoutes,
  ...ledgerRoutes,
]
