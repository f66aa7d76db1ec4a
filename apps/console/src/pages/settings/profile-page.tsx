import { Button, Code, Group, Stack, Title } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { Facts } from '../../details/facts.js'
import { Time } from '../../details/time.js'
import { OrgUnitName } from '../../directory/org-unit-name.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { useMay, useSession } from '../../session/session.js'
import { Preferences } from './preferences.js'

const orgScopes = {
  all: 'the whole tenant',
  subtree: 'the unit and all below',
  unit: 'the unit alone',
  none: null,
} as const

/** A language by its name, in the reader's own; the code where the browser knows none. */
function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(undefined, { type: 'language' }).of(code) ?? code
  } catch {
    return code
  }
}

/** Who the caller is, what they act as, and what they want to be told. */
export function Page(): ReactNode {
  const { session, endsAt } = useSession()
  const mayPreferences = useMay('preferences.read') && session.mode === 'member'
  const [isChanging, setChanging] = useState(false)
  const [profile, setProfile] = useState(session.user)
  const { fetch } = useApi()
  const action = useAction()
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Title order={1} size="h2">
          Settings
        </Title>
        <Button variant="default" onClick={() => setChanging(true)}>
          Edit profile
        </Button>
      </Group>
      <Facts
        facts={[
          ['Name', profile.displayName],
          ['E-mail', profile.email],
          ['Language', languageName(profile.locale)],
          ['Id', profile.id],
          ['Tenant', session.tenant?.name],
          ['Role', session.role?.replace('_', ' ') ?? session.mode],
          ['Org scope', orgScopes[session.orgScope ?? 'none']],
          ['Org unit', <OrgUnitName key="unit" id={session.orgUnitId} />],
          ['Signed in until', <Time key="until" at={new Date(endsAt()).toISOString()} />],
        ]}
      />
      {mayPreferences && <Preferences />}
      <section aria-label="Capabilities">
        <Title order={2} size="h4" mb="xs">
          What you may do here
        </Title>
        <Group gap={4}>
          {session.capabilities.length === 0
            ? 'Read what the server lets through for your access grant.'
            : session.capabilities.map((capability) => <Code key={capability}>{capability}</Code>)}
        </Group>
      </section>
      {isChanging && (
        <FormModal
          title="Edit profile"
          submit="Save"
          fields={[
            {
              name: 'displayName',
              label: 'Name',
              kind: 'text',
              isRequired: true,
              maxLength: 200,
              initial: profile.displayName,
            },
            {
              name: 'locale',
              label: 'Language',
              kind: 'text',
              isRequired: true,
              initial: profile.locale,
              help: 'A code such as en, de or en-GB.',
            },
          ]}
          onSubmit={async (body) => {
            const changed = await action.run(
              fetch.PATCH('/api/v1/me', { body }),
              'The profile was saved.',
            )
            if (changed !== undefined) setProfile(changed)
          }}
          onClose={() => setChanging(false)}
        />
      )}
    </Stack>
  )
}
