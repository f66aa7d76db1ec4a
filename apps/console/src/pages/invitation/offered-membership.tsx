import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { ProblemError, problemOf } from '../../api/problem.js'
import { Facts } from '../../details/facts.js'
import { Time } from '../../details/time.js'
import { Loading } from '../../states/loading.js'
import { PageProblem } from '../../states/page-problem.js'
import { NewMember } from './new-member.js'

/** What the invitation of a token is for, with the two answers to it. */
export function OfferedMembership({
  token,
  onOther,
}: {
  readonly token: string
  readonly onOther: () => void
}): ReactNode {
  const { fetch } = useApi()
  const { data, error, refetch } = useQuery({
    queryKey: ['invitation', token],
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const reply = await fetch.POST('/api/v1/invitations/preview', { body: { token }, signal })
      if (reply.data === undefined) throw new ProblemError(reply.error)
      return reply.data
    },
  })
  const [joined, setJoined] = useState<string | null>(null)
  const [isDeclined, setDeclined] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<unknown>(null)
  const accept = async (): Promise<void> => {
    setBusy(true)
    setRefusal(null)
    try {
      const reply = await fetch.POST('/api/v1/invitations/accept', { body: { token } })
      if (reply.data === undefined) throw new ProblemError(reply.error)
      setJoined(reply.data.tenantId)
    } catch (problem) {
      setRefusal(problem)
    } finally {
      setBusy(false)
    }
  }
  if (error !== null && problemOf(error).status === 404) return <OpensNothing onOther={onOther} />
  if (error !== null) return <PageProblem error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Loading />
  const { tenantName, role, email, expiresAt } = data
  if (joined !== null) return <NewMember tenantId={joined} tenantName={tenantName} />
  if (isDeclined) {
    return (
      <Alert title="You did not accept" role="status">
        You are no member of {tenantName}. Until <Time at={expiresAt} /> the link still works,
        unless the tenant takes the invitation back.
      </Alert>
    )
  }
  return (
    <Stack>
      <Text>
        You are invited to work in <b>{tenantName}</b>.
      </Text>
      <Facts
        facts={[
          ['Tenant', tenantName],
          ['Role', role.replaceAll('_', ' ')],
          ['Sent to', email],
          ['Open until', <Time key="until" at={expiresAt} />],
        ]}
      />
      {refusal !== null && <PageProblem error={refusal} />}
      <Group>
        <Button onClick={() => void accept()} loading={isBusy}>
          Accept
        </Button>
        <Button variant="default" onClick={() => setDeclined(true)} disabled={isBusy}>
          Do not accept
        </Button>
      </Group>
    </Stack>
  )
}

/** The same words for every token that is not open and the caller's: they tell nobody which it is. */
function OpensNothing({ onOther }: { readonly onOther: () => void }): ReactNode {
  return (
    <Alert color="yellow" role="alert" title="This invitation opens nothing">
      <Stack gap="sm" align="flex-start">
        <Text size="sm">
          It was used or taken back, its time is over, or it is for another address than the one you
          signed in with. Who invited you can send another one.
        </Text>
        <Button variant="default" onClick={onOther}>
          Try another token
        </Button>
      </Stack>
    </Alert>
  )
}
