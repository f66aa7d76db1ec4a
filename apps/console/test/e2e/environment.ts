/** What `npm run test:e2e` tells the tests. */
export interface Environment {
  /** Where the platform hands out the console, without a slash at the end. */
  readonly origin: string
  /** Of everybody who can sign in. */
  readonly password: string
  /** Of who owns the database: for time that a test cannot wait for. */
  readonly databaseUrl: string
  /** Where the platform keeps exports, a folder for each tenant. */
  readonly exports: string
  /** A folder for what test files share. */
  readonly state: string
  readonly chromium: string
}

/** Reads it once. */
export const environment: Environment = {
  origin: setting('E2E_ORIGIN'),
  password: setting('E2E_PASSWORD'),
  databaseUrl: setting('E2E_DATABASE_URL'),
  exports: setting('E2E_EXPORTS'),
  state: setting('E2E_STATE'),
  chromium: setting('E2E_CHROMIUM'),
}

function setting(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') {
    throw new Error(`${name} is missing: run these tests with npm run test:e2e`)
  }
  return value
}
