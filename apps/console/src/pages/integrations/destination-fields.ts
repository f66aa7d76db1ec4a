import type { operations } from '../../api/schema.js'
import type { Field, FormValues } from '../../forms/field.js'

/** A destination as the API shows it. */
export type Destination =
  operations['getDestination']['responses'][200]['content']['application/json']

/** Events that destinations can ask for. */
const eventTypes = [
  'alert.raised',
  'alert.acknowledged',
  'alert.assigned',
  'alert.resolved',
  'asset.registered',
  'asset.approved',
  'asset.retired',
  'ticket.opened',
  'ticket.changed',
  'evidence.added',
] as const

/** What can change of a destination, filled with what it says now. */
export function destinationFields(destination?: Destination): readonly Field[] {
  const asked = destination?.eventTypes ?? []
  const known: readonly string[] = eventTypes
  const all = [...known, ...asked.filter((type) => !known.includes(type))]
  return [
    {
      name: 'name',
      label: 'Name',
      kind: 'text',
      isRequired: true,
      maxLength: 100,
      initial: destination?.name ?? '',
    },
    {
      name: 'url',
      label: 'Address',
      kind: 'text',
      isRequired: true,
      initial: destination?.url ?? '',
      help: 'A public https address; private and loopback targets are refused.',
    },
    {
      name: 'eventTypes',
      label: 'Events',
      kind: 'choices',
      isRequired: true,
      options: all.map((value) => ({ value, label: value })),
      initial: asked.join(' '),
    },
    {
      name: 'isEnabled',
      label: 'Send events to it',
      kind: 'switch',
      initial: String(destination?.isEnabled ?? true),
    },
  ]
}

/** How a destination knows that a delivery is genuine. */
export const credentialFields: readonly Field[] = [
  {
    name: 'credentialKind',
    label: 'How deliveries are signed',
    kind: 'choice',
    isRequired: true,
    initial: 'hmac',
    options: [
      { value: 'hmac', label: 'HMAC of the body (recommended)' },
      { value: 'bearer', label: 'Bearer token' },
      { value: 'basic', label: 'Basic authentication' },
    ],
  },
  {
    name: 'secret',
    label: 'Secret',
    kind: 'password',
    help: '16 to 500 characters. Left empty, one is made here and shown once; the server never shows it.',
  },
]

/** A credential as the API takes it, and the secret to show when none was typed. */
export function readCredential({
  credentialKind,
  secret,
}: {
  readonly credentialKind?: FormValues[string] | undefined
  readonly secret?: FormValues[string] | undefined
}): {
  readonly credential: { readonly kind: string; readonly secret: string }
  readonly made: string | null
} {
  const made = typeof secret === 'string' ? null : randomSecret()
  return { credential: { kind: String(credentialKind), secret: made ?? String(secret) }, made }
}

/** 256 random bits in hexadecimal. */
function randomSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
