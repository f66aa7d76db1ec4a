import type fc from 'fast-check'
import { demo } from '../src/demo-data/index.js'
import type { ApiCaller, ApiReply } from './api-caller.js'
import { choices, rightAnswers, window } from './evaluation-steps.js'

/** An assignment as the model has it. */
interface ModelAssignment {
  status: 'assigned' | 'started' | 'submitted' | 'cancelled'
  attempts: number
  isOpen: boolean
}

/** What an evaluation of one version and one candidate is at any moment, in a few words. */
export interface EvaluationModel {
  isArchived: boolean
  version: 'draft' | 'published' | 'withdrawn'
  assignment: ModelAssignment | null
  /** Of the last submission: versions of its score, and what corrections of the last one take off. */
  submission: { scores: number; corrections: number } | null
  events: number
}

/** The real one: its ids as they come into being. */
export interface EvaluationRun {
  readonly api: ApiCaller
  readonly evaluationId: string
  readonly versionId: string
  assignmentId: string
  sessionId: string
  submissionId: string
}

/** Something that somebody tries, and the status that the model foretells. */
interface Step {
  readonly name: string
  /** False: the path would have no id yet. */
  possible?(model: EvaluationModel): boolean
  call(run: EvaluationRun, model: EvaluationModel): Promise<ApiReply>
  /** The status, and what it makes of the model; `events` counts what goes to the ledger. */
  expect(model: EvaluationModel): number
  /** Keeps the id of what was made. */
  keep?(run: EvaluationRun, id: string): void
}

const attempts = 2
const maxPoints = 5
const manager = 'schoolManager'
const pupil = 'schoolPupil'

const steps: readonly Step[] = [
  {
    name: 'edit',
    call: ({ api, versionId }) =>
      api.call(manager, 'PUT', `/evaluation-versions/${versionId}`, { content: choices }),
    expect: (model) => (model.version === 'draft' ? done(model, 200) : 409),
  },
  {
    name: 'publish',
    call: ({ api, versionId }) =>
      api.call(manager, 'POST', `/evaluation-versions/${versionId}/publish`),
    expect(model) {
      if (model.version !== 'draft' || model.isArchived) return 409
      model.version = 'published'
      return done(model, 200)
    },
  },
  {
    name: 'withdraw',
    call: ({ api, versionId }) =>
      api.call(manager, 'POST', `/evaluation-versions/${versionId}/withdraw`),
    expect(model) {
      if (model.version !== 'published') return 409
      model.version = 'withdrawn'
      return done(model, 200)
    },
  },
  {
    name: 'archive',
    call: ({ api, evaluationId }) =>
      api.call(manager, 'POST', `/evaluations/${evaluationId}/archive`),
    expect(model) {
      if (model.isArchived) return 409
      model.isArchived = true
      return done(model, 200)
    },
  },
  {
    name: 'assign',
    call: ({ api, versionId }) =>
      api.call(manager, 'POST', `/evaluation-versions/${versionId}/assignments`, {
        assigneeId: demo.users.schoolPupil,
        maxAttempts: attempts,
        ...window(),
      }),
    expect(model) {
      const { version, isArchived, assignment } = model
      const isLive = assignment?.status === 'assigned' || assignment?.status === 'started'
      if (version !== 'published' || isArchived || isLive) return 409
      model.assignment = { status: 'assigned', attempts: 0, isOpen: false }
      return done(model, 201)
    },
    keep: (run, id) => {
      run.assignmentId = id
    },
  },
  {
    name: 'start',
    possible: ({ assignment }) => assignment !== null,
    call: ({ api, assignmentId }) =>
      api.call(pupil, 'POST', `/assignments/${assignmentId}/sessions`),
    expect(model) {
      const { assignment, version } = model
      if (assignment === null || version !== 'published' || assignment.isOpen) return 409
      if (assignment.status === 'submitted' || assignment.status === 'cancelled') return 409
      assignment.attempts += 1
      assignment.status = 'started'
      assignment.isOpen = true
      return done(model, 201)
    },
    keep: (run, id) => {
      run.sessionId = id
    },
  },
  {
    name: 'submit',
    possible: ({ assignment }) => (assignment?.attempts ?? 0) > 0,
    call: ({ api, sessionId }) =>
      api.call(pupil, 'POST', `/evaluation-sessions/${sessionId}/submission`, {
        answers: rightAnswers,
      }),
    expect(model) {
      const { assignment } = model
      if (assignment === null || !assignment.isOpen) return 409
      assignment.isOpen = false
      if (assignment.attempts === attempts) assignment.status = 'submitted'
      model.submission = { scores: 1, corrections: 0 }
      // Received, and scored at once.
      return done(model, 201, 2)
    },
    keep: (run, id) => {
      run.submissionId = id
    },
  },
  {
    name: 'cancel',
    possible: ({ assignment }) => assignment !== null,
    call: ({ api, assignmentId }) =>
      api.call(manager, 'POST', `/assignments/${assignmentId}/cancel`),
    expect(model) {
      const { assignment } = model
      const status = assignment?.status
      if (assignment === null || status === 'submitted' || status === 'cancelled') return 409
      const ended = assignment.isOpen ? 1 : 0
      assignment.status = 'cancelled'
      assignment.isOpen = false
      return done(model, 200, 1 + ended)
    },
  },
  {
    name: 'score',
    possible: ({ submission }) => submission !== null,
    call: ({ api, submissionId }, { submission }) =>
      api.call(manager, 'POST', `/submissions/${submissionId}/scores`, {
        points: [],
        afterVersion: submission?.scores ?? 0,
      }),
    expect(model) {
      model.submission = { scores: (model.submission?.scores ?? 0) + 1, corrections: 0 }
      return done(model, 201)
    },
  },
  {
    name: 'correct',
    possible: ({ submission }) => submission !== null,
    call: ({ api, submissionId }, { submission }) =>
      api.call(manager, 'POST', `/submissions/${submissionId}/corrections`, {
        scoreVersion: submission?.scores ?? 0,
        pointsDelta: -2,
        reason: 'Copied from the next table',
      }),
    expect(model) {
      const { submission } = model
      if (submission === null || submission.corrections + 2 > maxPoints) return 400
      submission.corrections += 2
      return done(model, 201)
    },
  },
]

function done(model: EvaluationModel, status: number, events = 1): number {
  model.events += events
  return status
}

/** One of {@link steps} as fast-check runs it. */
class EvaluationCommand implements fc.AsyncCommand<EvaluationModel, EvaluationRun> {
  readonly #step: Step

  constructor(step: Step) {
    this.#step = step
  }

  check(model: Readonly<EvaluationModel>): boolean {
    return this.#step.possible?.(model) ?? true
  }

  async run(model: EvaluationModel, run: EvaluationRun): Promise<void> {
    const before = JSON.stringify(model)
    const reply = await this.#step.call(run, model)
    const expected = this.#step.expect(model)
    if (reply.status !== expected) {
      const { name } = this.#step
      throw new Error(
        `${name} at ${before}: ${String(reply.status)} instead of ${String(expected)}`,
      )
    }
    if (reply.status === 201) this.#step.keep?.(run, String(reply.body['id']))
  }

  toString(): string {
    return this.#step.name
  }
}

/** Every step that somebody may try. */
export const evaluationCommands: readonly EvaluationCommand[] = steps.map(
  (step) => new EvaluationCommand(step),
)
