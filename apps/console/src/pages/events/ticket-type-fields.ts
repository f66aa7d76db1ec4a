import type { operations } from '../../api/schema.js'
import type { Field, FormValues } from '../../forms/field.js'

type Reply = operations['listTicketTypes']['responses'][200]['content']['application/json']['items']

/** A ticket type of an event. */
export type TicketType = Reply[number]

/** The fields of a ticket type, with what it has now. */
export function ticketTypeFields(ticketType?: TicketType): readonly Field[] {
  const filled = (value: string | null | undefined): { initial?: string } =>
    value === null || value === undefined ? {} : { initial: value }
  return [
    {
      name: 'name',
      label: 'Name',
      kind: 'text',
      isRequired: true,
      maxLength: 100,
      ...filled(ticketType?.name),
    },
    {
      name: 'description',
      label: 'Description',
      kind: 'textarea',
      maxLength: 2000,
      ...filled(ticketType?.description),
    },
    {
      name: 'priceCents',
      label: 'Price',
      help: 'In whole units of the currency, such as 12.50; 0 is free.',
      kind: 'number',
      initial: String((ticketType?.priceCents ?? 0) / 100),
    },
    {
      name: 'currency',
      label: 'Currency',
      help: 'Three letters, such as EUR.',
      kind: 'text',
      maxLength: 3,
      initial: ticketType?.currency ?? 'EUR',
    },
    {
      name: 'quantity',
      label: 'How many there are',
      kind: 'number',
      isRequired: true,
      ...filled(ticketType && String(ticketType.quantity)),
    },
    {
      name: 'salesFrom',
      label: 'On sale from',
      kind: 'datetime',
      ...filled(ticketType?.salesFrom),
    },
    {
      name: 'salesUntil',
      label: 'On sale until',
      kind: 'datetime',
      ...filled(ticketType?.salesUntil),
    },
    {
      name: 'isHidden',
      label: 'Hidden on the public page',
      kind: 'switch',
      initial: String(ticketType?.isHidden ?? false),
    },
  ]
}

/** What was typed as a body: the price in cents. */
export function ticketTypeBody({ priceCents, ...rest }: FormValues): FormValues {
  return { ...rest, priceCents: Math.round(Number(priceCents ?? 0) * 100) }
}
