import { sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'

/**
 * The text of a message without the token of an invitation, as an expression over `body`.
 *
 * SECURITY: a token is for who has the address alone, so no list shows it, and once the message has
 * left or is given up it is kept nowhere.
 */
export const shownBody: Sql = sql`regexp_replace(body, 'inv_[A-Za-z0-9_-]{43}', 'inv_…', 'g')`
