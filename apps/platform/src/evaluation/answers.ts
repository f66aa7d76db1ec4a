import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { FieldProblem } from '../api/api-problem.js'
import { ApiProblem } from '../api/api-problem.js'
import { plainText } from '../security/fields.js'
import { optionKey, questionKey, roundPoints } from './version-content.js'
import type { Question, VersionContent } from './version-content.js'

/** An answer: the key of one option, of several, or a text, as the question's kind asks. */
const answer = z.union([plainText(10_000), z.array(optionKey).max(26)])

/** An answer as it is handed in. */
export interface Answer {
  readonly question: string
  readonly answer: string | readonly string[]
}

/** Answers as they are handed in, each question at most once. */
export const handedIn: z.ZodType<readonly Answer[]> = z
  .array(z.strictObject({ question: questionKey, answer }))
  .max(200)

/** Points by key of question. */
export type Breakdown = Readonly<Record<string, number>>

/**
 * Checks what was handed in against the questions of the version; questions may stay unanswered.
 *
 * @throws {ApiProblem} INVALID_REQUEST with a pointer for each answer that does not fit.
 */
export function checkAnswers(
  { questions }: VersionContent,
  answers: readonly Answer[],
): readonly Answer[] {
  const asked = new Map(questions.map((each) => [each.key, each]))
  const seen = new Set<string>()
  const errors = answers.flatMap(({ question, answer: given }, index): FieldProblem[] => {
    const at = `/body/answers/${String(index)}`
    const found = asked.get(question)
    if (found === undefined) return [{ pointer: `${at}/question`, detail: 'is not asked' }]
    if (seen.has(question)) return [{ pointer: `${at}/question`, detail: 'is answered twice' }]
    seen.add(question)
    const fault = faultOf(found, given)
    return fault === null ? [] : [{ pointer: `${at}/answer`, detail: fault }]
  })
  if (errors.length === 0) return answers
  throw new ApiProblem('INVALID_REQUEST', 'the answers do not fit the questions', errors)
}

function faultOf(question: Question, given: string | readonly string[]): string | null {
  if (question.kind === 'text') return typeof given === 'string' ? null : 'must be a text'
  const isList = typeof given !== 'string'
  if (isList !== (question.kind === 'multiple_choice')) {
    return isList ? 'must be one option' : 'must be a list of options'
  }
  const keys = new Set(question.options.map(({ key }) => key))
  const chosen = isList ? given : [given]
  if (new Set(chosen).size !== chosen.length) return 'names an option twice'
  return chosen.every((key) => keys.has(key)) ? null : 'names an option that the question lacks'
}

/** SHA-256 of the answers in the order of their questions' keys. */
export function digestOf(answers: readonly Answer[]): Buffer {
  const sorted = answers.toSorted((left, right) => (left.question < right.question ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest()
}

/** Points of what needs no judgement: choices, and whatever stayed unanswered. */
export function automaticPoints(
  { questions }: VersionContent,
  answers: readonly Answer[],
): Breakdown {
  const given = new Map(answers.map((each) => [each.question, each.answer]))
  const entries = questions.flatMap((each): [string, number][] => {
    const answered = given.get(each.key)
    if (answered === undefined) return [[each.key, 0]]
    if (each.kind === 'text') return []
    return [[each.key, isRight(each.correct, answered) ? each.points : 0]]
  })
  return Object.fromEntries(entries)
}

/** Several right options count together or not at all. */
function isRight(correct: string | readonly string[], given: string | readonly string[]): boolean {
  if (typeof correct === 'string' || typeof given === 'string') return correct === given
  return correct.length === given.length && correct.every((key) => given.includes(key))
}

/** Texts that somebody has to read. */
export function openQuestions(content: VersionContent, answers: readonly Answer[]): Question[] {
  const settled = automaticPoints(content, answers)
  return content.questions.filter(({ key }) => settled[key] === undefined)
}

/** The sum of a breakdown. */
export function totalOf(breakdown: Breakdown): number {
  return roundPoints(Object.values(breakdown).reduce((sum, each) => sum + each, 0))
}
