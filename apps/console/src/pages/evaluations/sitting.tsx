import { Alert, Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useInterval } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { RemainingTime } from '../../shell/remaining-time.js'
import type { Given, Question } from './answer-field.js'
import { AnswerField } from './answer-field.js'
import classes from './sitting.module.css'

/** The questions of an open session; what is answered lives in this page until it is handed in. */
export function Sitting({
  sessionId,
  expiresAt,
  questions,
}: {
  readonly sessionId: string
  readonly expiresAt: string
  readonly questions: readonly Question[]
}): ReactNode {
  const [answers, setAnswers] = useState<Readonly<Record<string, Given>>>({})
  const [isOver, setOver] = useState(false)
  const [isHandingIn, setHandingIn] = useState(false)
  const { fetch } = useApi()
  const action = useAction()
  const navigate = useNavigate()
  useInterval(() => setOver(Date.parse(expiresAt) <= Date.now()), 1000, { autoInvoke: true })
  const given = Object.entries(answers).filter(([, answer]) => answer.length > 0)
  useWarning(given.length > 0)
  const handIn = async (values: object): Promise<void> => {
    const made = await action.run(
      fetch.POST('/api/v1/evaluation-sessions/{sessionId}/submission', {
        params: { path: { sessionId } },
        body: {
          ...values,
          answers: given.map(([question, answer]) => ({ question, answer })) as never,
        },
      }),
      'Your answers were handed in.',
    )
    if (made) {
      await navigate({
        to: '/submissions/$submissionId',
        params: { submissionId: made.id },
      })
    }
  }
  return (
    <Stack maw={820}>
      <div className={classes['bar']}>
        <Group justify="space-between">
          <Text size="sm">
            {given.length} of {questions.length} answered
          </Text>
          <Text size="sm" fw={600} role="timer">
            {isOver ? (
              'The time is over'
            ) : (
              <>
                <RemainingTime until={expiresAt} /> left
              </>
            )}
          </Text>
          <Button onClick={() => setHandingIn(true)} disabled={isOver}>
            Hand in …
          </Button>
        </Group>
      </div>
      {isOver && (
        <Alert color="red" role="alert" title="The time is over">
          The server takes no answers any more.
        </Alert>
      )}
      {questions.map((question, index) => (
        <Card key={question.key} withBorder component="section">
          <Group gap="xs" mb="xs">
            <Title order={2} size="h5">
              Question {index + 1}
            </Title>
            <Badge variant="outline" color="gray" tt="none">
              {question.points} {question.points === 1 ? 'point' : 'points'}
            </Badge>
          </Group>
          <AnswerField
            question={question}
            given={answers[question.key]}
            onChange={(answer) => setAnswers({ ...answers, [question.key]: answer })}
          />
        </Card>
      ))}
      {isHandingIn && (
        <FormModal
          title="Hand in your answers?"
          submit="Hand in"
          fields={[{ name: 'comment', label: 'Comment', kind: 'textarea', maxLength: 2000 }]}
          onSubmit={handIn}
          onClose={() => setHandingIn(false)}
        >
          <Text size="sm">
            {given.length} of {questions.length} questions are answered. It can be done once, and
            nothing can be changed afterwards.
          </Text>
        </FormModal>
      )}
    </Stack>
  )
}

/** Has the browser ask before answers that were not handed in go with the page. */
function useWarning(isOn: boolean): void {
  useEffect(() => {
    if (!isOn) return
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener('beforeunload', warn)
    return () => removeEventListener('beforeunload', warn)
  }, [isOn])
}
