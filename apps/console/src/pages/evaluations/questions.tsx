import { Badge, Group, List, Stack, Text, Title } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { Draft } from './content.js'

/** The questions of a version with their right answers, to read. */
export function Questions({ draft }: { readonly draft: Draft }): ReactNode {
  const { timeLimitMinutes, questions } = draft
  return (
    <Stack maw={820}>
      <Text size="sm" c="dimmed">
        {timeLimitMinutes === null
          ? 'A session lasts until the assignment closes.'
          : `A session lasts ${String(timeLimitMinutes)} minutes.`}
      </Text>
      {questions.map(({ key, text, points, options, correct, kind }, index) => (
        <section key={key} aria-label={`Question ${String(index + 1)}`}>
          <Group gap="xs" align="baseline">
            <Title order={2} size="h5">
              Question {index + 1}
            </Title>
            <Badge variant="outline" color="gray" tt="none">
              {points} {points === 1 ? 'point' : 'points'}
            </Badge>
          </Group>
          <Text style={{ whiteSpace: 'pre-wrap' }}>{text}</Text>
          {kind === 'text' && (
            <Text size="sm" c="dimmed">
              A text, scored by a person
            </Text>
          )}
          <List size="sm" listStyleType="none">
            {options.map((option) => (
              <List.Item key={option.key}>
                {option.key}) {option.text}{' '}
                {correct.includes(option.key) && (
                  <Text span size="sm" fw={600}>
                    <IconCheck size={14} aria-hidden /> right
                  </Text>
                )}
              </List.Item>
            ))}
          </List>
        </section>
      ))}
    </Stack>
  )
}
