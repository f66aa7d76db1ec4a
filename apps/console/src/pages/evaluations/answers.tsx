import { List, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { EmptyState } from '../../states/empty-state.js'
import type { Question } from './answer-field.js'

interface Answer {
  readonly question: string
  readonly answer?: unknown
}

/** What was handed in, beside what was asked. */
export function Answers({
  answers,
  questions,
}: {
  readonly answers: readonly Answer[] | null
  readonly questions: readonly Question[]
}): ReactNode {
  if (answers === null) {
    return <EmptyState title="Redacted">Auditors are not shown what people answered.</EmptyState>
  }
  const given = new Map(answers.map(({ question, answer }) => [question, answer]))
  const asked = questions.length > 0 ? questions : answers.map(({ question }) => bare(question))
  return (
    <Stack maw={820}>
      {asked.map((question, index) => (
        <section key={question.key} aria-label={`Question ${String(index + 1)}`}>
          <Title order={2} size="h5">
            Question {index + 1}
          </Title>
          <Text size="sm" c="dimmed" style={{ whiteSpace: 'pre-wrap' }}>
            {question.text}
          </Text>
          <Given question={question} answer={given.get(question.key)} />
        </section>
      ))}
    </Stack>
  )
}

function Given({
  question: { options },
  answer,
}: {
  readonly question: Question
  readonly answer: unknown
}): ReactNode {
  if (answer === undefined) return <Text fs="italic">not answered</Text>
  const keys = (Array.isArray(answer) ? answer : [answer]).map(String)
  if (options === null) return <Text style={{ whiteSpace: 'pre-wrap' }}>{keys.join(', ')}</Text>
  const texts = new Map(options.map(({ key, text }) => [key, text]))
  return (
    <List>
      {keys.map((key) => (
        <List.Item key={key}>
          {key}) {texts.get(key)}
        </List.Item>
      ))}
    </List>
  )
}

function bare(key: string): Question {
  return { key, kind: 'text', text: key, points: 0, options: null }
}
