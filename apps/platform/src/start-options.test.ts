import { describe, expect, test } from 'vitest'
import { parseStartOptions } from './start-options.js'

describe('the options of npm start', () => {
  test('have defaults, and an empty variable counts as unset', () => {
    expect(parseStartOptions([], { DATABASE_URL: '' })).toEqual({
      once: false,
      help: false,
      databaseUrl: null,
      dataDir: null,
      database: 'watertight_platform',
      rolePrefix: 'platform',
      rowSecurity: true,
      signingKey: undefined,
    })
  })

  test('come from flags and the environment', () => {
    const variables = { DATABASE_URL: 'postgres://db', PLATFORM_ROLE_PREFIX: 'acme' }
    expect(parseStartOptions(['--once', '--data-dir', 'data'], variables)).toMatchObject({
      once: true,
      databaseUrl: 'postgres://db',
      dataDir: 'data',
      rolePrefix: 'acme',
    })
  })

  test.each([[['--onse']], [['--data-dir']], [['everything']]])('refuse %j', (args) => {
    expect(() => parseStartOptions(args, {})).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})
