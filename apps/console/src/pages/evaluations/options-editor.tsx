import { Button, Checkbox, Group, Radio, Stack, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import type { DraftQuestion } from './content.js'
import { freeOptionKey } from './content.js'

/** The options of a question, and which of them are right. */
export function OptionsEditor({
  question,
  number,
  onChange,
}: {
  readonly question: DraftQuestion
  readonly number: number
  readonly onChange: (question: DraftQuestion) => void
}): ReactNode {
  const { options, correct, kind } = question
  const isSingle = kind === 'single_choice'
  const Mark = isSingle ? Radio : Checkbox
  const choose = (key: string): void => {
    const others = correct.filter((other) => other !== key)
    const next = isSingle ? [key] : others.length < correct.length ? others : [...correct, key]
    onChange({ ...question, correct: next })
  }
  const next = freeOptionKey(options)
  return (
    <Stack gap="xs" role="group" aria-label={`Options of question ${String(number)}`}>
      {options.map(({ key, text }, index) => (
        <Group key={key} wrap="nowrap">
          <Mark
            name={`correct-${question.key}`}
            label={key}
            aria-label={`Option ${key} is right`}
            checked={correct.includes(key)}
            onChange={() => choose(key)}
          />
          <TextInput
            flex={1}
            aria-label={`Text of option ${key}`}
            required
            maxLength={500}
            value={text}
            onChange={({ currentTarget }) =>
              onChange({
                ...question,
                options: options.with(index, { key, text: currentTarget.value }),
              })
            }
          />
          <Button
            size="compact-sm"
            variant="default"
            disabled={options.length <= 2}
            aria-label={`Remove option ${key}`}
            onClick={() =>
              onChange({
                ...question,
                options: options.toSpliced(index, 1),
                correct: correct.filter((other) => other !== key),
              })
            }
          >
            Remove
          </Button>
        </Group>
      ))}
      {next !== null && (
        <Group>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() =>
              onChange({ ...question, options: [...options, { key: next, text: '' }] })
            }
          >
            Add an option
          </Button>
        </Group>
      )}
    </Stack>
  )
}
