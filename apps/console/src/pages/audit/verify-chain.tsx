import { Alert, Button, Code, Modal, Stack, Text } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { ProblemError } from '../../api/problem.js'
import type { operations } from '../../api/schema.js'
import { PageProblem } from '../../states/page-problem.js'
import classes from './audit.module.css'

type Verdict = operations['verifyAuditChain']['responses'][200]['content']['application/json']
type Result = { readonly verdict: Verdict } | { readonly error: unknown }

const faults: Readonly<Record<NonNullable<Verdict['fault']>['kind'], string>> = {
  altered: 'the entry is not what was written',
  missing: 'the entry that should be there is not',
  repeated: 'there is a second entry at that position',
  unlinked: 'the entry does not follow from the one before it',
  truncated: 'the chain ends before its head says',
  replaced: 'the chain is whole, but it is another one',
}

/** Follows the hash chain of the tenant on the server, and says where it stands. */
export function VerifyChain(): ReactNode {
  const { fetch } = useApi()
  const [result, setResult] = useState<Result | null>(null)
  const [isBusy, setBusy] = useState(false)
  const verify = async (): Promise<void> => {
    setBusy(true)
    try {
      const { data, error } = await fetch.GET('/api/v1/audit/verify')
      setResult(data === undefined ? { error: new ProblemError(error) } : { verdict: data })
    } catch (error) {
      setResult({ error })
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Button
        leftSection={<IconShieldCheck size={16} aria-hidden />}
        loading={isBusy}
        onClick={() => void verify()}
      >
        Verify the chain
      </Button>
      {result !== null && (
        <Modal
          opened
          onClose={() => setResult(null)}
          title="Chain of the audit log"
          closeButtonProps={{ 'aria-label': 'Close' }}
        >
          {'error' in result ? (
            <PageProblem error={result.error} onRetry={() => void verify()} />
          ) : (
            <ChainVerdict verdict={result.verdict} />
          )}
        </Modal>
      )}
    </>
  )
}

function ChainVerdict({ verdict }: { readonly verdict: Verdict }): ReactNode {
  const { intact, verified, fault, head } = verdict
  return (
    <Stack>
      <Alert
        color={intact ? 'teal' : 'red'}
        role="status"
        title={intact ? 'The chain holds' : 'The chain is broken'}
      >
        {intact
          ? `Verified ${String(verified)} ${verified === 1 ? 'entry' : 'entries'} to the head.`
          : `${String(verified)} entries hold; then, at position ${String(fault?.position)}, ${
              fault === null ? 'it breaks' : faults[fault.kind]
            }.`}
      </Alert>
      {head !== null && (
        <Text size="sm" component="div">
          {intact ? 'Head' : 'Last entry that holds'}: position {head.position}, hash{' '}
          <Code className={classes['hash'] ?? ''}>{head.hash}</Code>. Keep both elsewhere: a chain
          that was replaced as a whole does not have them.
        </Text>
      )}
    </Stack>
  )
}
