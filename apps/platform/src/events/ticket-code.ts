import { randomInt } from 'node:crypto'

/** Without letters that are taken for digits or for each other. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A fresh ticket code: 8 characters, 40 bits. */
export function newTicketCode(): string {
  return Array.from({ length: 8 }, () => alphabet[randomInt(alphabet.length)]).join('')
}
