import { z } from 'zod'
import { ApiProblem } from '../api/api-problem.js'
import { plainText } from '../security/fields.js'

/** One of several answers that a question offers. */
export interface Option {
  readonly key: string
  readonly text: string
}

interface Asked<Kind extends string> {
  readonly key: string
  readonly kind: Kind
  readonly text: string
  readonly points: number
}

/** A question with its right answer. */
export type Question =
  | Asked<'text'>
  | (Asked<'single_choice'> & { readonly options: readonly Option[]; readonly correct: string })
  | (Asked<'multiple_choice'> & {
      readonly options: readonly Option[]
      readonly correct: readonly string[]
    })

/** What a version asks. */
export interface VersionContent {
  /** From the start of a session to its end; null: until the assignment closes. */
  readonly timeLimitMinutes: number | null
  readonly questions: readonly Question[]
}

type Text = z.ZodType<string, string>

/** Key of a question within its version, `q1` and up; the database checks the form too. */
export const questionKey: Text = z.string().regex(/^q[1-9][0-9]{0,2}$/, 'is no key such as q1')

/** Key of an option within its question. */
export const optionKey: Text = z.string().regex(/^[a-z]$/, 'is no letter from a to z')

/** Points with at most two decimals, as the database stores them. */
export const points: z.ZodNumber = z.number().min(0).max(999_999).multipleOf(0.01)

const asked = {
  key: questionKey,
  text: plainText(2000),
  points: points.min(0.01).max(1000),
}
const options = z
  .array(z.strictObject({ key: optionKey, text: plainText(500) }))
  .min(2)
  .max(26)

const question: z.ZodType<Question> = z.discriminatedUnion('kind', [
  z.strictObject({ ...asked, kind: z.literal('single_choice'), options, correct: optionKey }),
  z.strictObject({
    ...asked,
    kind: z.literal('multiple_choice'),
    options,
    correct: z.array(optionKey).min(1).max(26),
  }),
  z.strictObject({ ...asked, kind: z.literal('text') }),
])

/** {@link VersionContent} with the right answers: for those who write evaluations only. */
export const versionContent: z.ZodType<VersionContent> = z
  .strictObject({
    timeLimitMinutes: z.nullable(z.int().min(1).max(1440)).default(null),
    questions: z.array(question).min(1).max(200),
  })
  .superRefine(({ questions }, context) => {
    const keys = new Set<string>()
    questions.forEach((each, index) => {
      const fault = keys.has(each.key) ? 'is used twice' : faultOfOptions(each)
      keys.add(each.key)
      if (fault !== null) {
        context.addIssue({ code: 'custom', message: fault, path: ['questions', index, 'key'] })
      }
    })
  })

/** A question as candidates see it. */
export interface ShownQuestion extends Asked<Question['kind']> {
  readonly options: readonly Option[] | null
}

/** {@link ShownQuestion} in replies. */
export const shownQuestion: z.ZodType<ShownQuestion, ShownQuestion> = z.object({
  key: z.string(),
  kind: z.enum(['single_choice', 'multiple_choice', 'text']),
  text: z.string(),
  points: z.number(),
  options: z.nullable(z.array(z.object({ key: z.string(), text: z.string() }))),
})

function faultOfOptions(each: Question): string | null {
  if (each.kind === 'text') return null
  const keys = each.options.map(({ key }) => key)
  const correct = typeof each.correct === 'string' ? [each.correct] : each.correct
  if (new Set(keys).size !== keys.length) return 'has two options of the same key'
  if (new Set(correct).size !== correct.length) return 'names a right option twice'
  return correct.every((key) => keys.includes(key)) ? null : 'has a right answer that is no option'
}

/**
 * The content of a stored version.
 *
 * @throws {ApiProblem} CONFLICT for one that came from elsewhere and asks nothing that can be taken.
 */
export function readContent(stored: unknown): VersionContent {
  const parsed = versionContent.safeParse(stored)
  if (parsed.success) return parsed.data
  throw new ApiProblem('CONFLICT', 'the version has no content that can be taken')
}

/** The sum of the points of all questions. */
export function maxPointsOf({ questions }: VersionContent): number {
  return roundPoints(questions.reduce((sum, each) => sum + each.points, 0))
}

/** Two decimals; sums of binary fractions are off by a little. */
export function roundPoints(value: number): number {
  return Math.round(value * 100) / 100
}

/** SECURITY: right answers are left out by naming what is shown. */
export function forCandidates({ questions }: VersionContent): ShownQuestion[] {
  return questions.map((each) => ({
    key: each.key,
    kind: each.kind,
    text: each.text,
    points: each.points,
    options: each.kind === 'text' ? null : each.options.map(({ key, text }) => ({ key, text })),
  }))
}
