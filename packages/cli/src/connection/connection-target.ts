import { WatertightError } from 'watertight/errors'
import type { Variables } from '../terminal/style.js'

/** Where to connect, and where that was read. */
export interface ConnectionTarget {
  /** Absent: the PG* variables decide. */
  readonly url: string | undefined
  /** `DATABASE_URL`, `--url`, ... */
  readonly source: string
}

/** Variables of libpq that say which server is meant. */
const serverVariables = ['PGHOST', 'PGHOSTADDR', 'PGPORT', 'PGDATABASE', 'PGUSER', 'PGSERVICE']

/**
 * Decides which database is meant: argument, `--url`, `DATABASE_URL_MIGRATOR`, `DATABASE_URL`, `PG*`.
 *
 * @throws USAGE when nothing names one, INVALID_INPUT when a URL is none.
 */
export function connectionTarget(
  given: { readonly argument?: string | undefined; readonly flag?: string | undefined },
  variables: Variables,
): ConnectionTarget {
  const candidates = [
    { source: 'the argument', url: given.argument },
    { source: '--url', url: given.flag },
    ...['DATABASE_URL_MIGRATOR', 'DATABASE_URL'].map((source) => ({
      source,
      url: variables[source],
    })),
  ]
  for (const { source, url } of candidates) {
    if (url !== undefined && url !== '') return { source, url: checkedUrl(url, source) }
  }
  const named = serverVariables.filter((name) => (variables[name] ?? '') !== '')
  if (named.length > 0) return { source: named.join(', '), url: undefined }
  throw new WatertightError('USAGE', 'no database is named', {
    hint: 'Give a URL as argument, with --url or in DATABASE_URL; or set PGHOST, PGUSER, PGDATABASE.',
  })
}

/** True for what looks like the URL of a database. */
export function isDatabaseUrl(text: string): boolean {
  return /^postgres(ql)?:/i.test(text)
}

function checkedUrl(url: string, source: string): string {
  // INVARIANT: the URL itself may hold a password and is never part of a message.
  if (!isDatabaseUrl(url) || !URL.canParse(url)) {
    throw new WatertightError('INVALID_INPUT', `${source} is not the URL of a database`, {
      object: source,
      hint: 'Write postgres://user@host:5432/database, special characters percent-encoded.',
    })
  }
  return url
}
