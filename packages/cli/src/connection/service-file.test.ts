import { createTestDatabase } from '../../../../test/database.js'
import { expect, it } from 'vitest'
import { createProject } from '../testing/project.js'
import { runCli } from '../testing/run-cli.js'
import { serviceIn } from './service-file.js'

const text = `# services
[other]
host=nowhere

[acme]
host = db.example.com
dbname=acme # not a comment here
options=-c search_path=a,b
[last]
host=last`

it('reads the parameters of one section', () => {
  expect(serviceIn(text, 'acme')).toEqual({
    host: 'db.example.com',
    dbname: 'acme # not a comment here',
    options: '-c search_path=a,b',
  })
  expect(serviceIn(text, 'acm')).toBeNull()
})

it('connects to the server that PGSERVICE names, and says where a missing one was looked for', async () => {
  const database = await createTestDatabase()
  const project = await createProject()
  try {
    const { hostname, port, username, password } = new URL(database.url)
    await project.write(
      'services.conf',
      `[acme]\nhost=${hostname}\nport=${port}\nuser=${username}\npassword=${password}\ndbname=${database.name}\n`,
    )
    const variables = { PGSERVICEFILE: `${project.folder}/services.conf`, PGPORT: '1' }
    const place = { cwd: project.folder }
    const init = ['init', '--dry-run']
    const found = await runCli(init, { ...place, variables: { ...variables, PGSERVICE: 'acme' } })
    expect(found.stderr).toContain('no table with a tenant column was found')
    const missing = await runCli(init, { ...place, variables: { ...variables, PGSERVICE: 'none' } })
    expect(missing).toMatchObject({ exit: 64 })
    expect(missing.stderr).toContain('services.conf')
  } finally {
    await project.remove()
    await database.drop()
  }
})
