/** A text with `{{placeholders}}`. */
export interface MailText {
  readonly subject: string
  readonly body: string
}

/** Texts of mails by what they tell, in use until the platform or the tenant has its own. */
export const defaultTexts = {
  'invitation.created': {
    subject: 'You are invited to {{tenant}}',
    body: 'You are invited to become a member of {{tenant}}. Sign in with this address and accept the invitation until {{until}}:\n\n{{link}}\n\nThe token of the invitation is {{token}}. It opens nothing for anybody else.\n\nIf you do not know {{tenant}}, do nothing.',
  },
  'registration.reserved': {
    subject: 'Confirm your seat: {{event}}',
    body: 'Dear {{name}},\n\na seat for {{event}} is held for you. Confirm it with this code: {{code}}\n\nIf you did not ask for it, do nothing: the seat becomes free by itself.',
  },
  'registration.confirmed': {
    subject: 'Your ticket for {{event}}',
    body: 'Dear {{name}},\n\nyour ticket for {{event}} is {{code}}. Show it at the door.',
  },
  'waitlist.joined': {
    subject: 'You are on the waiting list: {{event}}',
    body: 'Dear {{name}},\n\nyou are waiting for a seat of {{event}}. See your place, or leave, with this code: {{code}}',
  },
  'waitlist.offered': {
    subject: 'A seat is free: {{event}}',
    body: 'Dear {{name}},\n\na seat for {{event}} is yours if you take it in time. Confirm it with this code: {{code}}',
  },
} as const satisfies Readonly<Record<string, MailText>>

/** What a mail tells. */
export type MailKey = keyof typeof defaultTexts

/**
 * The text with the values in their places; a placeholder without one is left empty.
 *
 * @example filled('Dear {{name}}', { name: 'Ann' }) // 'Dear Ann'
 */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{([^{}]*)\}\}/g, (_whole, name: string) => {
    const key = name.trim()
    return Object.hasOwn(values, key) ? (values[key] ?? '') : ''
  })
}
