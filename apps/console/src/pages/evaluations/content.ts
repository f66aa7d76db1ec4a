/** A possible answer to a question. */
export interface Option {
  readonly key: string
  readonly text: string
}

/** How a question is answered. */
export type QuestionKind = 'single_choice' | 'multiple_choice' | 'text'

/** A question as it is written; `correct` names the right options. */
export interface DraftQuestion {
  readonly key: string
  readonly kind: QuestionKind
  readonly text: string
  readonly points: number
  readonly options: readonly Option[]
  readonly correct: readonly string[]
}

/** What a version asks. */
export interface Draft {
  /** Null: until the assignment closes. */
  readonly timeLimitMinutes: number | null
  readonly questions: readonly DraftQuestion[]
}

/** Kinds of questions as they are offered. */
export const questionKinds: { readonly value: QuestionKind; readonly label: string }[] = [
  { value: 'single_choice', label: 'one option is right' },
  { value: 'multiple_choice', label: 'several options are right' },
  { value: 'text', label: 'a text, scored by a person' },
]

/** An empty question under the next free key. */
export function emptyQuestion(questions: readonly DraftQuestion[]): DraftQuestion {
  const taken = questions.map(({ key }) => Number(key.slice(1)))
  const options = ['a', 'b'].map((key) => ({ key, text: '' }))
  const key = `q${String(Math.max(0, ...taken) + 1)}`
  return { key, kind: 'single_choice', text: '', points: 1, options, correct: [] }
}

/** The first letter that no option has; null when all have been given. */
export function freeOptionKey(options: readonly Option[]): string | null {
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  return letters.find((letter) => options.every(({ key }) => key !== letter)) ?? null
}

/** A draft as the API takes it. */
export function toContent({ timeLimitMinutes, questions }: Draft): object {
  return {
    timeLimitMinutes,
    questions: questions.map(({ options, correct, ...asked }) => {
      if (asked.kind === 'text') return asked
      return { ...asked, options, correct: asked.kind === 'single_choice' ? correct[0] : correct }
    }),
  }
}

/** The content of a version as the API gives it, to show or to write on. */
export function toDraft(content: unknown): Draft {
  const { timeLimitMinutes = null, questions = [] } = content as {
    readonly timeLimitMinutes?: number | null
    readonly questions?: readonly (Omit<DraftQuestion, 'options' | 'correct'> & {
      readonly options?: readonly Option[]
      readonly correct?: string | readonly string[]
    })[]
  }
  return {
    timeLimitMinutes,
    questions: questions.map(({ options = [], correct = [], ...asked }) => ({
      ...asked,
      options,
      correct: typeof correct === 'string' ? [correct] : correct,
    })),
  }
}
