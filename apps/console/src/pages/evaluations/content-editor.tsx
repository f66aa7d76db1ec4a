import { Alert, Button, Group, List, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { FormEvent, ReactNode } from 'react'
import { problemOf } from '../../api/problem.js'
import type { Draft, DraftQuestion } from './content.js'
import { emptyQuestion } from './content.js'
import { QuestionEditor } from './question-editor.js'

/** Writes the questions of a draft. */
export function ContentEditor({
  initial,
  submit,
  onSave,
}: {
  readonly initial: Draft
  readonly submit: string
  readonly onSave: (draft: Draft) => Promise<unknown>
}): ReactNode {
  const [questions, setQuestions] = useState<readonly DraftQuestion[]>(
    initial.questions.length > 0 ? initial.questions : [emptyQuestion([])],
  )
  const [limit, setLimit] = useState(String(initial.timeLimitMinutes ?? ''))
  const [error, setError] = useState<unknown>(null)
  const [isBusy, setBusy] = useState(false)
  const save = async (submitted: FormEvent): Promise<void> => {
    submitted.preventDefault()
    setBusy(true)
    setError(null)
    try {
      await onSave({ timeLimitMinutes: limit === '' ? null : Number(limit), questions })
    } catch (refused) {
      setError(refused)
    } finally {
      setBusy(false)
    }
  }
  const move = (from: number, to: number): void => {
    const moved = questions[from]
    if (moved === undefined) return
    setQuestions(questions.toSpliced(from, 1).toSpliced(to, 0, moved))
  }
  return (
    <form onSubmit={(submitted) => void save(submitted)}>
      <Stack maw={820}>
        <TextInput
          label="Minutes for a session"
          description="Empty: until the assignment closes."
          type="number"
          min={1}
          max={1440}
          maw={240}
          value={limit}
          onChange={({ currentTarget }) => setLimit(currentTarget.value)}
        />
        {questions.map((question, index) => (
          <QuestionEditor
            key={question.key}
            question={question}
            number={index + 1}
            onChange={(changed) => setQuestions(questions.with(index, changed))}
            onRemove={
              questions.length > 1 ? () => setQuestions(questions.toSpliced(index, 1)) : null
            }
            onMoveUp={index > 0 ? () => move(index, index - 1) : null}
          />
        ))}
        {error !== null && <Refusal error={error} />}
        <Group justify="space-between">
          <Button
            variant="default"
            onClick={() => setQuestions([...questions, emptyQuestion(questions)])}
          >
            Add a question
          </Button>
          <Button type="submit" loading={isBusy}>
            {submit}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** What the server said against it, question by question. */
function Refusal({ error }: { readonly error: unknown }): ReactNode {
  const { title, detail, errors = [] } = problemOf(error)
  return (
    <Alert color="red" role="alert" title={title}>
      {detail}
      <List size="sm">
        {errors.map(({ pointer, detail: fault }) => (
          <List.Item key={pointer}>
            {spoken(pointer)}: {fault}
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}

function spoken(pointer: string): string {
  const [, index, part] = /\/questions\/(\d+)(?:\/(.*))?$/.exec(pointer) ?? []
  if (index === undefined) return pointer
  return `Question ${String(Number(index) + 1)}${part === undefined ? '' : `, ${part}`}`
}
