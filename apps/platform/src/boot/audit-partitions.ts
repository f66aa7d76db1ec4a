import type { Queryable } from 'watertight/sql'
import { literal, qualifiedName, sql } from 'watertight/sql'

/** Months that have their partition before they begin, this one included. */
const monthsAhead = 4

/**
 * Makes the partitions of the audit log for this month and those to come. They get their policies from
 * the isolation layer, which has to be applied afterwards. A month that the default partition holds
 * entries of already stays there.
 *
 * @returns the months that were added, such as `2027-01`
 */
export async function addAuditPartitions(db: Queryable, now: Date): Promise<readonly string[]> {
  const added: string[] = []
  for (let offset = 0; offset < monthsAhead; offset += 1) {
    const [first, next] = [monthAt(now, offset), monthAt(now, offset + 1)]
    const month = first.slice(0, 7)
    const name = `audit_log_${month.replace('-', '_')}`
    const { rows } = await db.query('select to_regclass($1) is not null as is_there', [
      `ops.${name}`,
    ])
    if ((rows[0] as { is_there: boolean } | undefined)?.is_there === true) continue
    const partition = qualifiedName('ops', name)
    try {
      await db.query(
        sql`create table ${partition} partition of ops.audit_log
          for values from (${literal(`${first} 00:00:00+00`)}) to (${literal(`${next} 00:00:00+00`)})`
          .text,
      )
    } catch (error) {
      if (Reflect.get(Object(error), 'code') === checkViolation) continue
      throw error
    }
    const comment = `Audit entries of ${month}; each row its tenant's.`
    await db.query(sql`comment on table ${partition} is ${literal(comment)}`.text)
    added.push(month)
  }
  return added
}

/** What PostgreSQL says when the default partition has rows of the new one. */
const checkViolation = '23514'

/** First day of the month, `YYYY-MM-DD` in UTC. */
function monthAt(now: Date, offset: number): string {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1))
    .toISOString()
    .slice(0, 10)
}
