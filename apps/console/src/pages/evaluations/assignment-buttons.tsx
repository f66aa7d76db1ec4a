import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useAnnounce } from '../../announce/announcements.js'
import { useApi } from '../../api/client.js'
import { ProblemError, problemOf } from '../../api/problem.js'
import type { ItemOf } from '../../lists/use-list.js'
import { useMay, useSession } from '../../session/session.js'

/** Somebody who is asked to take a version. */
export type Assignment = ItemOf<'/api/v1/assignments'>

interface OfAssignment {
  readonly assignment: Assignment
}

/** Starts a session of an own assignment, or goes on with the one that is open. */
export function EnterButton({ assignment }: OfAssignment): ReactNode {
  const { session } = useSession()
  const may = useMay('evaluations.take')
  const { fetch } = useApi()
  const announce = useAnnounce()
  const navigate = useNavigate()
  const [isBusy, setBusy] = useState(false)
  const { id: assignmentId, status, assigneeId, opensAt, closesAt, evaluationTitle } = assignment
  const isOpen = Date.parse(opensAt) <= Date.now() && Date.now() < Date.parse(closesAt)
  const canEnter = status === 'assigned' || status === 'started'
  if (!may || !isOpen || !canEnter || assigneeId !== session.user.id) return null
  const findOpen = async (): Promise<string> => {
    const { data: sessions } = await fetch.GET('/api/v1/evaluation-sessions', {
      params: { query: { assignmentId } },
    })
    const open = sessions?.items.find(
      ({ state, expiresAt }) => state === 'open' && Date.parse(expiresAt) > Date.now(),
    )
    if (open !== undefined) return open.id
    const { data, error } = await fetch.POST('/api/v1/assignments/{assignmentId}/sessions', {
      params: { path: { assignmentId } },
    })
    if (data === undefined) throw new ProblemError(error)
    return data.id
  }
  const enter = async (): Promise<void> => {
    setBusy(true)
    try {
      const sessionId = await findOpen()
      await navigate({ to: '/assignments/sessions/$sessionId', params: { sessionId } })
    } catch (error) {
      const { title, detail } = problemOf(error)
      announce(`${title}. ${detail ?? ''}`, true)
    } finally {
      setBusy(false)
    }
  }
  const verb = status === 'assigned' ? 'Start' : 'Go on'
  return (
    <Button
      size="compact-sm"
      loading={isBusy}
      aria-label={`${verb}: ${evaluationTitle}`}
      onClick={() => void enter()}
    >
      {verb}
    </Button>
  )
}

/** Offers to cancel an assignment that is not over. */
export function CancelButton({
  assignment: { status, evaluationTitle },
  onCancel,
}: OfAssignment & { readonly onCancel: () => void }): ReactNode {
  const mayWrite = useMay('evaluations.write')
  if (!mayWrite || status === 'submitted' || status === 'cancelled') return null
  return (
    <Button
      size="compact-sm"
      variant="default"
      aria-label={`Cancel the assignment of ${evaluationTitle}`}
      onClick={onCancel}
    >
      Cancel …
    </Button>
  )
}
