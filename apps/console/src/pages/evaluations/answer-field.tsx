import { Checkbox, Radio, Stack, Textarea } from '@mantine/core'
import type { ReactNode } from 'react'
import type { operations } from '../../api/schema.js'

type Detail = operations['getEvaluationSession']['responses'][200]['content']['application/json']

/** A question as it is asked. */
export type Question = NonNullable<Detail['questions']>[number]

/** The key of an option, keys of several, or a text. */
export type Given = string | readonly string[]

/** Where a question is answered, in the way that its kind asks for. */
export function AnswerField({
  question: { key, kind, text, options },
  given,
  onChange,
}: {
  readonly question: Question
  readonly given: Given | undefined
  readonly onChange: (answer: Given) => void
}): ReactNode {
  const offered = (options ?? []).map((option) => ({ value: option.key, label: option.text }))
  switch (kind) {
    case 'single_choice':
      return (
        <Radio.Group
          label={text}
          name={key}
          value={typeof given === 'string' ? given : null}
          onChange={onChange}
        >
          <Stack gap="xs" mt="xs">
            {offered.map(({ value, label }) => (
              <Radio key={value} value={value} label={label} />
            ))}
          </Stack>
        </Radio.Group>
      )
    case 'multiple_choice':
      return (
        <Checkbox.Group
          label={text}
          description="Choose all that are right."
          value={typeof given === 'object' ? [...given] : []}
          onChange={onChange}
        >
          <Stack gap="xs" mt="xs">
            {offered.map(({ value, label }) => (
              <Checkbox key={value} value={value} label={label} />
            ))}
          </Stack>
        </Checkbox.Group>
      )
    case 'text':
      return (
        <Textarea
          label={text}
          maxLength={10_000}
          autosize
          minRows={4}
          value={typeof given === 'string' ? given : ''}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )
  }
}
