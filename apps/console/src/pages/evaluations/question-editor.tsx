import { Button, Card, Group, NativeSelect, Stack, Textarea, TextInput, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { DraftQuestion, QuestionKind } from './content.js'
import { questionKinds } from './content.js'
import { OptionsEditor } from './options-editor.js'

/** One question of a draft. */
export function QuestionEditor({
  question,
  number,
  onChange,
  onRemove,
  onMoveUp,
}: {
  readonly question: DraftQuestion
  readonly number: number
  readonly onChange: (question: DraftQuestion) => void
  /** Null where it may not be. */
  readonly onRemove: (() => void) | null
  readonly onMoveUp: (() => void) | null
}): ReactNode {
  const changeKind = (kind: QuestionKind): void => {
    const correct = kind === 'single_choice' ? question.correct.slice(0, 1) : question.correct
    const options =
      kind === 'text' || question.options.length > 0
        ? question.options
        : ['a', 'b'].map((key) => ({ key, text: '' }))
    onChange({ ...question, kind, correct, options })
  }
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h5">
            Question {number}
          </Title>
          <Group gap="xs">
            {onMoveUp !== null && (
              <Button
                size="compact-sm"
                variant="default"
                aria-label={`Move up question ${String(number)}`}
                onClick={onMoveUp}
              >
                Move up
              </Button>
            )}
            {onRemove !== null && (
              <Button
                size="compact-sm"
                variant="default"
                aria-label={`Remove question ${String(number)}`}
                onClick={onRemove}
              >
                Remove
              </Button>
            )}
          </Group>
        </Group>
        <Textarea
          label="Question"
          required
          maxLength={2000}
          autosize
          minRows={2}
          value={question.text}
          onChange={({ currentTarget }) => onChange({ ...question, text: currentTarget.value })}
        />
        <Group align="flex-end">
          <NativeSelect
            label="Answered by"
            data={questionKinds}
            value={question.kind}
            onChange={({ currentTarget }) => changeKind(currentTarget.value as QuestionKind)}
          />
          <TextInput
            label="Points"
            type="number"
            min={0.01}
            max={1000}
            step={0.01}
            required
            w={110}
            value={question.points}
            onChange={({ currentTarget }) =>
              onChange({ ...question, points: Number(currentTarget.value) })
            }
          />
        </Group>
        {question.kind !== 'text' && (
          <OptionsEditor question={question} number={number} onChange={onChange} />
        )}
      </Stack>
    </Card>
  )
}
