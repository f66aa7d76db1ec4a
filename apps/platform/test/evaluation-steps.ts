import type { DemoActorKey } from '../src/demo-data/index.js'
import type { ApiCaller, ApiReply } from './api-caller.js'

/** Two choices that score themselves, 5 points together. */
export const choices = {
  timeLimitMinutes: 30,
  questions: [
    {
      key: 'q1',
      kind: 'single_choice',
      text: 'How many legs has an insect?',
      points: 2,
      options: [
        { key: 'a', text: 'Four' },
        { key: 'b', text: 'Six' },
      ],
      correct: 'b',
    },
    {
      key: 'q2',
      kind: 'multiple_choice',
      text: 'Which are prime?',
      points: 3,
      options: [
        { key: 'a', text: '2' },
        { key: 'b', text: '4' },
        { key: 'c', text: '7' },
      ],
      correct: ['a', 'c'],
    },
  ],
}

/** {@link choices} and a text that somebody has to read, 10 points together. */
export const choicesAndText = {
  ...choices,
  questions: [...choices.questions, { key: 'q3', kind: 'text', text: 'Why?', points: 5 }],
}

/** Right to both questions of {@link choices}. */
export const rightAnswers: readonly object[] = [
  { question: 'q1', answer: 'b' },
  { question: 'q2', answer: ['c', 'a'] },
]

/** What goes into an assignment beside the assignee; open from an hour ago to an hour from now. */
export function window(from = -1, until = 1): { opensAt: string; closesAt: string } {
  const at = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString()
  return { opensAt: at(from), closesAt: at(until) }
}

let count = 0

/** The steps of an evaluation over HTTP, each of which has to succeed; they answer with ids. */
export class EvaluationSteps {
  readonly #api: ApiCaller

  constructor(api: ApiCaller) {
    this.#api = api
  }

  async create(actor: DemoActorKey, orgUnitId: string): Promise<string> {
    count += 1
    const body = { orgUnitId, slug: `made-${String(count)}`, title: 'Made here', kind: 'exam' }
    return this.#made(await this.#api.call(actor, 'POST', '/evaluations', body))
  }

  async draft(actor: DemoActorKey, evaluationId: string, content: object): Promise<string> {
    const path = `/evaluations/${evaluationId}/versions`
    return this.#made(await this.#api.call(actor, 'POST', path, { content }))
  }

  /** A published version of a new evaluation. */
  async published(
    actor: DemoActorKey,
    orgUnitId: string,
    content: object = choices,
  ): Promise<string> {
    const id = await this.draft(actor, await this.create(actor, orgUnitId), content)
    return this.#made(await this.#api.call(actor, 'POST', `/evaluation-versions/${id}/publish`))
  }

  async assign(
    actor: DemoActorKey,
    versionId: string,
    assigneeId: string,
    change: object = {},
  ): Promise<string> {
    const path = `/evaluation-versions/${versionId}/assignments`
    const body = { assigneeId, ...window(), ...change }
    return this.#made(await this.#api.call(actor, 'POST', path, body))
  }

  async start(actor: DemoActorKey, assignmentId: string): Promise<string> {
    const path = `/assignments/${assignmentId}/sessions`
    return this.#made(await this.#api.call(actor, 'POST', path))
  }

  async submit(
    actor: DemoActorKey,
    sessionId: string,
    answers: readonly object[] = rightAnswers,
  ): Promise<string> {
    const path = `/evaluation-sessions/${sessionId}/submission`
    return this.#made(await this.#api.call(actor, 'POST', path, { answers }))
  }

  #made({ status, body }: ApiReply): string {
    const { id } = body
    if ((status !== 200 && status !== 201) || typeof id !== 'string') {
      throw new Error(`${String(status)} ${JSON.stringify(body)}`)
    }
    return id
  }
}
