import type { Field, FormValues } from '../../forms/field.js'

/** What an evaluation can be. */
export const evaluationKinds: readonly { readonly value: string; readonly label: string }[] = [
  'exam',
  'survey',
  'assessment',
].map((value) => ({ value, label: value }))

/** The fields of a change, with what there is now. */
export function changeFields(now?: {
  readonly title: string
  readonly passRatio: number
}): readonly Field[] {
  return [
    {
      name: 'title',
      label: 'Title',
      kind: 'text',
      isRequired: true,
      maxLength: 200,
      ...(now && { initial: now.title }),
    },
    {
      name: 'passRatio',
      label: 'Passed from, in percent of the points',
      kind: 'number',
      isRequired: true,
      initial: String(Math.round((now?.passRatio ?? 0.5) * 100)),
    },
  ]
}

/** The fields of a new evaluation. */
export function evaluationFields(): readonly Field[] {
  return [
    ...changeFields(),
    {
      name: 'slug',
      label: 'Short name',
      help: 'Lower-case letters, digits and hyphens.',
      kind: 'text',
      isRequired: true,
      maxLength: 63,
    },
    { name: 'kind', label: 'Kind', kind: 'choice', isRequired: true, options: evaluationKinds },
  ]
}

/** What was typed as a body: percent as a ratio. */
export function withRatio({ passRatio, ...rest }: FormValues): FormValues {
  return { ...rest, passRatio: Number(passRatio) / 100 }
}
