import { demo, demoId } from '../../src/demo-data/index.js'

const content = {
  questions: [
    {
      key: 'q1',
      text: 'Which?',
      points: 1,
      kind: 'single_choice',
      correct: 'a',
      options: [
        { key: 'a', text: 'This' },
        { key: 'b', text: 'That' },
      ],
    },
  ],
}
const email = 'sample@people.example'
const ticket = { email, code: 'AAAA0000' }
const place = { email, code: '0123456789AB' }

/** Bodies of operations that ask for more than their schema says, by operation. */
export const knownBodies: Readonly<Record<string, object>> = {
  addEvidence: {
    title: 'Sample',
    source: 'scanner',
    keptElsewhere: { reference: 's3://bucket/sample', sha256: '0'.repeat(64), byteCount: 1 },
  },
  archiveTenant: { reason: 'Sample', confirm: 'Northgate Security' },
  assignAlert: { userId: demo.users.securityAdmin },
  cancelByCode: ticket,
  changeEvaluationVersion: { content },
  changeTicket: { state: 'in_progress' },
  checkIn: { code: 'AAAA0000' },
  confirmByCode: ticket,
  createDestination: {
    name: 'Sample',
    kind: 'webhook',
    url: 'https://93.184.215.14/hook',
    eventTypes: ['alert.opened'],
    credential: { kind: 'hmac', secret: 'a secret of the sample' },
  },
  draftEvaluationVersion: { content },
  moveOrgUnit: { parentId: demo.orgUnits.security.northSite },
  requestArchive: { reason: 'Sample', confirm: 'Northgate Security' },
  requestErasure: { reason: 'Sample', confirm: 'Northgate Security', exportTaken: true },
  scoreSubmission: { points: [{ question: 'q2', points: 0 }], afterVersion: 1 },
  showPlaceOnWaitlist: place,
  switchSession: { tenantId: demo.tenants.security },
  updateAsset: { label: 'Sample' },
  updateDestination: { name: 'Sample' },
  withdrawByCode: place,
}

/** Query strings of operations that cannot do without one. */
export const knownQueries: Readonly<Record<string, string>> = {
  listDeciders: `ids=${demo.users.platformSupport}`,
  listOutsiders: `ids=${demo.users.auditor}`,
  explainRow: `table=sec.assets&key=${demoId('sec.assets', 1, 1)}`,
}
