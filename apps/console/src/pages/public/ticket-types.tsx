import { Alert, Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import type { operations } from '../../api/schema.js'
import type { Field } from '../../forms/field.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { priceText } from '../events/price.js'

type TicketType =
  operations['getPublicEvent']['responses'][200]['content']['application/json']['ticketTypes'][number]

const fields: readonly Field[] = [
  { name: 'name', label: 'Your name', kind: 'text', isRequired: true, maxLength: 200 },
  {
    name: 'email',
    label: 'Your e-mail address',
    help: 'The code to confirm with is sent there.',
    kind: 'text',
    isRequired: true,
    maxLength: 254,
  },
]

interface EventPath {
  readonly org: string
  readonly slug: string
}

/** What tickets there are, and how to ask for one or to wait. */
export function TicketTypes({
  path,
  ticketTypes,
}: {
  readonly path: EventPath
  readonly ticketTypes: readonly TicketType[]
}): ReactNode {
  const { fetch } = useApi()
  const action = useAction()
  const [chosen, setChosen] = useState<TicketType | null>(null)
  const [accepted, setAccepted] = useState<string | null>(null)
  const ask = async (values: object): Promise<void> => {
    if (chosen === null) return
    const init = { params: { path }, body: { ...values, ticketTypeId: chosen.id } as never }
    const done = 'Look into your mail for the code.'
    if (chosen.isSoldOut) {
      await action.run(fetch.POST('/api/v1/public/o/{org}/e/{slug}/waitlist', init), done)
      setAccepted('You wait for a seat. The code that shows your place is on its way to you.')
    } else {
      await action.run(fetch.POST('/api/v1/public/o/{org}/e/{slug}/registrations', init), done)
      setAccepted(
        'A seat is held for you for 30 minutes. Confirm it below with the code that is on its way to you.',
      )
    }
  }
  return (
    <section aria-labelledby="tickets">
      <Stack gap="sm">
        <Title order={2} size="h3" id="tickets">
          Tickets
        </Title>
        <div role="status">
          {accepted !== null && (
            <Alert color="teal" title="Look into your mail">
              {accepted}
            </Alert>
          )}
        </div>
        {ticketTypes.length === 0 && <Text>No tickets are on sale.</Text>}
        {ticketTypes.map((ticketType) => (
          <Card key={ticketType.id} withBorder padding="sm">
            <Group justify="space-between">
              <div>
                <Text fw={600}>{ticketType.name}</Text>
                <Text size="sm">{priceText(ticketType)}</Text>
                {ticketType.description !== '' && (
                  <Text size="sm" c="dimmed">
                    {ticketType.description}
                  </Text>
                )}
                <SaleTime ticketType={ticketType} />
              </div>
              {isOnSale(ticketType) && (
                <Button
                  variant={ticketType.isSoldOut ? 'default' : 'filled'}
                  onClick={() => setChosen(ticketType)}
                  aria-label={`${ticketType.isSoldOut ? 'Sold out: wait for' : 'Register for'} ${ticketType.name}`}
                >
                  {ticketType.isSoldOut ? 'Sold out: wait …' : 'Register …'}
                </Button>
              )}
            </Group>
          </Card>
        ))}
      </Stack>
      {chosen !== null && (
        <FormModal
          title={chosen.isSoldOut ? `Wait for “${chosen.name}”` : `Register for “${chosen.name}”`}
          fields={fields}
          submit={chosen.isSoldOut ? 'Wait for a seat' : 'Ask for a seat'}
          onSubmit={ask}
          onClose={() => setChosen(null)}
        />
      )}
    </section>
  )
}

function SaleTime({
  ticketType: { salesFrom, salesUntil },
}: {
  readonly ticketType: TicketType
}): ReactNode {
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
  if (salesFrom !== null && Date.parse(salesFrom) > Date.now()) {
    return <Text size="sm">On sale from {day.format(new Date(salesFrom))}</Text>
  }
  if (salesUntil === null) return null
  const hasEnded = Date.parse(salesUntil) <= Date.now()
  return (
    <Text size="sm">
      {hasEnded ? 'The sale has ended.' : `On sale until ${day.format(new Date(salesUntil))}`}
    </Text>
  )
}

function isOnSale({ salesFrom, salesUntil }: TicketType): boolean {
  const now = Date.now()
  return (
    (salesFrom === null || Date.parse(salesFrom) <= now) &&
    (salesUntil === null || Date.parse(salesUntil) > now)
  )
}
