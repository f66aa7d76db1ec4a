import type { Field, FormValues } from '../../forms/field.js'
import { withCleared } from '../../forms/with-cleared.js'
import type { ItemOf } from '../../lists/use-list.js'

/** An event of the tenant. */
export type Event = ItemOf<'/api/v1/events'>

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone

/** The fields of an event, with what it has now. */
export function eventFields(event?: Event): readonly Field[] {
  const filled = (value: string | null | undefined): { initial?: string } =>
    value === null || value === undefined ? {} : { initial: value }
  return [
    {
      name: 'title',
      label: 'Title',
      kind: 'text',
      isRequired: true,
      maxLength: 200,
      ...filled(event?.title),
    },
    {
      name: 'slug',
      label: 'Name in the address',
      help: 'Lower-case letters, digits and hyphens.',
      kind: 'text',
      isRequired: true,
      maxLength: 63,
      ...filled(event?.slug),
    },
    { name: 'summary', label: 'Summary', kind: 'text', maxLength: 500, ...filled(event?.summary) },
    {
      name: 'description',
      label: 'Description',
      kind: 'textarea',
      maxLength: 20_000,
      ...filled(event?.description),
    },
    {
      name: 'startsAt',
      label: 'Starts',
      help: `In your time zone, ${zone}.`,
      kind: 'datetime',
      isRequired: true,
      ...filled(event?.startsAt),
    },
    {
      name: 'endsAt',
      label: 'Ends',
      kind: 'datetime',
      isRequired: true,
      ...filled(event?.endsAt),
    },
    {
      name: 'timeZone',
      label: 'Time zone of the event',
      kind: 'text',
      maxLength: 60,
      initial: event?.timeZone ?? zone,
    },
    {
      name: 'capacity',
      label: 'Places',
      kind: 'number',
      isRequired: true,
      ...filled(event && String(event.capacity)),
    },
    { name: 'venue', label: 'Venue', kind: 'text', maxLength: 200, ...filled(event?.venue) },
    { name: 'city', label: 'City', kind: 'text', maxLength: 100, ...filled(event?.city) },
    {
      name: 'country',
      label: 'Country',
      help: 'Two letters, such as PT.',
      kind: 'text',
      maxLength: 2,
      ...filled(event?.country),
    },
    {
      name: 'categories',
      label: 'Categories',
      help: 'Up to three words, such as music.',
      kind: 'words',
      ...filled(event?.categories.join(', ')),
    },
    {
      name: 'contactEmail',
      label: 'Contact address',
      kind: 'text',
      maxLength: 254,
      ...filled(event?.contactEmail),
    },
    {
      name: 'internalNote',
      label: 'Internal note',
      help: 'Never on the public page.',
      kind: 'textarea',
      maxLength: 2000,
      ...filled(event?.internalNote),
    },
  ]
}

/** What was typed as the body of a change: emptied fields are emptied. */
export function changedEventBody(values: FormValues): object {
  const nullable = ['venue', 'city', 'country', 'contactEmail', 'internalNote']
  return withCleared(withCleared(values, ['summary', 'description'], ''), nullable, null)
}
