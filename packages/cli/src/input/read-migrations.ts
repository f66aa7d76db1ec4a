import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { WatertightError } from 'watertight/errors'
import { decodeScript } from './script-file.js'
import type { Script } from './script-file.js'
import { upSection } from './up-section.js'

/** Reverse migrations as the usual tools name them, and the undo files of Flyway. */
const reverseFile = /(?:[._-](?:down|rollback|undo|revert)\.sql|^down\.sql|^U[\d.]+__.*\.sql)$/i

const byNumber = new Intl.Collator('en', { numeric: true })

/** A day, and perhaps a time, that a name starts with. */
const leadingDate = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d*/

/**
 * What names are compared by. Where some start with a day and others with a day and a time, tools
 * run them in the order of their characters: `20250131120000_a`, then `20250131_b`.
 */
function placeOf(name: string): string {
  return name.replace(leadingDate, (digits) => {
    const isAfterDigits = (name[digits.length] ?? '') > '9'
    return digits.padEnd(17, isAfterDigits ? '9' : '0')
  })
}

/**
 * The migrations of a folder in the order of their names, numbers compared as numbers and dates as
 * dates: `*.sql`, and `<name>/migration.sql` as Prisma writes them. Reverse migrations are left out.
 *
 * @throws INVALID_INPUT when the folder holds no migration.
 */
export async function readMigrations(folder: string): Promise<readonly Script[]> {
  const names = (await readdir(folder)).toSorted((left, right) =>
    byNumber.compare(placeOf(left), placeOf(right)),
  )
  if (names.includes('toc.dat')) {
    throw new WatertightError('INVALID_INPUT', `${folder} is a dump in directory format`, {
      object: folder,
      hint: `Make a script of it: pg_restore --schema-only -f dump.sql ${folder}`,
    })
  }
  const scripts: Script[] = []
  for (const name of names) {
    const path = await migrationFile(folder, name)
    if (path !== null) scripts.push(upSection(decodeScript(path, await readFile(path))))
  }
  if (scripts.length > 0) return scripts
  const skipped = names.filter((name) => reverseFile.test(name)).length
  throw new WatertightError(
    'INVALID_INPUT',
    skipped > 0
      ? `${folder} holds nothing but reverse migrations`
      : `${folder} holds no migrations (*.sql)`,
    { object: folder, hint: 'Name the folder whose .sql files create the tables.' },
  )
}

async function migrationFile(folder: string, name: string): Promise<string | null> {
  const path = join(folder, name)
  if (/\.sql$/i.test(name)) return reverseFile.test(name) ? null : path
  const nested = join(path, 'migration.sql')
  return stat(nested).then(
    (found) => (found.isFile() ? nested : null),
    () => null,
  )
}
