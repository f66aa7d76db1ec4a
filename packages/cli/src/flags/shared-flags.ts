/** Flags that every command has. */
export const outputFlags = {
  format: {
    kind: 'choice',
    choices: ['pretty', 'json'],
    summary:
      'Form of the data on stdout; default pretty. With json errors are an object there too.',
  },
  'no-input': {
    kind: 'switch',
    summary: 'Never ask. Consent is given by flags alone in any case.',
  },
} as const

/** Flags of commands that read the tenancy declaration. */
export const configFlags = {
  config: {
    kind: 'text',
    value: 'FILE',
    summary: 'Tenancy declaration; by default watertight.config.* here or in a parent folder.',
  },
} as const

/** Flags of commands that connect to a database. */
export const connectionFlags = {
  url: {
    kind: 'text',
    value: 'URL',
    summary: 'Database, after the argument URL; then DATABASE_URL_MIGRATOR, DATABASE_URL, PG*.',
  },
} as const

/** Flags of commands that change the isolation layer. */
export const consentFlags = {
  allow: {
    kind: 'list',
    value: 'HAZARD[:OBJECT]',
    summary: 'Consent to one hazard, for example WIDENS_ACCESS:evt.events. Can be repeated.',
  },
  'lock-timeout': {
    kind: 'number',
    value: 'MS',
    summary: 'Longest wait for a locked table or another apply; default 10000.',
  },
  yes: { kind: 'switch', summary: 'Do not ask for confirmation; gives no consent.' },
} as const

/** Flags of commands that load scripts into a local PostgreSQL. */
export const scriptFlags = {
  'server-version': {
    kind: 'choice',
    choices: ['15', '16', '17', '18'],
    summary: 'Local PostgreSQL for scripts; default the version of the dump, else 18.',
  },
} as const

/** Flags of commands that look at scripts as if they were loaded into their platform. */
export const preludeFlags = {
  prelude: {
    kind: 'choice',
    choices: ['auto', 'supabase', 'neon', 'none'],
    summary: 'Platform that scripts are for; default auto.',
  },
} as const
