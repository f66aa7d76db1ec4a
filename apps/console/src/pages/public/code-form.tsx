import { Alert, Button, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { useState } from 'react'
import type { FormEvent, ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { problemOf } from '../../api/problem.js'
import type { CodeAction, CodeAnswer } from './code-actions.js'
import { codeActions, codeActionOf } from './code-actions.js'

/** What can be done with the code that was mailed: no account, no sign-in. */
export function CodeForm({
  path,
}: {
  readonly path: { readonly org: string; readonly slug: string }
}): ReactNode {
  const { fetch } = useApi()
  const run = codeActionOf(fetch, path)
  const [chosen, setChosen] = useState<CodeAction>('confirm')
  const [answer, setAnswer] = useState<CodeAnswer | null>(null)
  const [isBusy, setBusy] = useState(false)
  const send = async (submitted: FormEvent<HTMLFormElement>): Promise<void> => {
    submitted.preventDefault()
    const values = new FormData(submitted.currentTarget)
    setBusy(true)
    setAnswer(null)
    try {
      setAnswer(await run(chosen, textOf(values, 'email'), textOf(values, 'code')))
    } catch (error) {
      const { title, detail = '' } = problemOf(error)
      setAnswer({ isGood: false, title, detail })
    } finally {
      setBusy(false)
    }
  }
  return (
    <section aria-labelledby="code">
      <Stack gap="sm">
        <div>
          <Title order={2} size="h3" id="code">
            You have a code
          </Title>
          <Text size="sm" c="dimmed">
            It came by mail when you asked for a seat or put yourself on the waiting list.
          </Text>
        </div>
        <form onSubmit={(submitted) => void send(submitted)}>
          <Group align="flex-end">
            <NativeSelect
              label="What to do"
              value={chosen}
              data={codeActions}
              onChange={({ currentTarget }) => setChosen(currentTarget.value as CodeAction)}
            />
            <TextInput
              name="email"
              label="E-mail address"
              type="email"
              required
              autoComplete="email"
            />
            <TextInput
              name="code"
              label="Code"
              required
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
            />
            <Button type="submit" loading={isBusy}>
              Go on
            </Button>
          </Group>
        </form>
        <div role="alert">
          {answer !== null && (
            <Alert color={answer.isGood ? 'teal' : 'red'} title={answer.title}>
              {answer.detail}
            </Alert>
          )}
        </div>
      </Stack>
    </section>
  )
}

function textOf(values: FormData, name: string): string {
  const value = values.get(name)
  return typeof value === 'string' ? value.trim() : ''
}
