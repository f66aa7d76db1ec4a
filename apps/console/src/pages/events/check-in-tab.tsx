import { Alert, Button, Group, Stack, TextInput, Title } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { FormEvent, ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { problemOf } from '../../api/problem.js'
import { useMay } from '../../session/session.js'
import { Arrivals } from './arrivals.js'
import type { Event } from './event-fields.js'

interface Result {
  readonly isIn: boolean
  readonly title: string
  readonly detail: string
}

const unknownTicket: Result = {
  isIn: false,
  title: 'Not let in',
  detail: 'No ticket of this event has that code.',
}

/** The door: a ticket code at a time, and who has arrived. */
export function CheckInTab({ event }: { readonly event: Event }): ReactNode {
  const mayWrite = useMay('check_ins.write')
  return (
    <Stack gap="xl">
      {mayWrite && event.status === 'published' && <Door eventId={event.id} />}
      <Arrivals eventId={event.id} />
    </Stack>
  )
}

function Door({ eventId }: { readonly eventId: string }): ReactNode {
  const { fetch } = useApi()
  const queries = useQueryClient()
  const mayReadGuests = useMay('registrations.read')
  const [result, setResult] = useState<Result | null>(null)
  const [isBusy, setBusy] = useState(false)
  const code = useRef<HTMLInputElement>(null)
  const admit = async (typed: string, gate: string): Promise<Result> => {
    const { data, error } = await fetch.POST('/api/v1/events/{eventId}/check-ins', {
      params: { path: { eventId } },
      body: { code: typed, ...(gate !== '' && { gate }) },
    })
    if (data === undefined) {
      const { status, title, detail = '' } = problemOf(error)
      if (status === 404) return unknownTicket
      return { isIn: false, title: `Not let in: ${title}`, detail }
    }
    void queries.invalidateQueries()
    const { data: guest } = mayReadGuests
      ? await fetch.GET('/api/v1/registrations/{registrationId}', {
          params: { path: { registrationId: data.registrationId } },
        })
      : {}
    return { isIn: true, title: 'Let in', detail: guest?.attendeeName ?? 'The ticket is valid.' }
  }
  const send = async (submitted: FormEvent<HTMLFormElement>): Promise<void> => {
    submitted.preventDefault()
    const form = submitted.currentTarget
    const values = new FormData(form)
    setBusy(true)
    setResult(null)
    try {
      setResult(await admit(textOf(values, 'code'), textOf(values, 'gate')))
    } catch (error) {
      setResult({ isIn: false, title: problemOf(error).title, detail: 'Try the code again.' })
    } finally {
      setBusy(false)
      if (code.current !== null) code.current.value = ''
      code.current?.focus()
    }
  }
  return (
    <Stack gap="sm" maw={720}>
      <Title order={2} size="h4">
        Let a guest in
      </Title>
      <form onSubmit={(submitted) => void send(submitted)}>
        <Group align="flex-end">
          <TextInput
            ref={code}
            name="code"
            label="Ticket code"
            size="md"
            required
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
          />
          <TextInput name="gate" label="Gate" size="md" maxLength={60} autoComplete="off" />
          <Button type="submit" size="md" loading={isBusy}>
            Let in
          </Button>
        </Group>
      </form>
      <div role="alert" data-testid="check-in-result">
        {result !== null && (
          <Alert
            variant="filled"
            color={result.isIn ? 'teal.9' : 'red.8'}
            icon={result.isIn ? <IconCheck aria-hidden /> : <IconX aria-hidden />}
            title={result.title}
          >
            {result.detail}
          </Alert>
        )}
      </div>
    </Stack>
  )
}

function textOf(values: FormData, name: string): string {
  const value = values.get(name)
  return typeof value === 'string' ? value.trim() : ''
}
