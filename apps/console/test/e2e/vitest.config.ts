import { defineConfig } from 'vitest/config'

/** The console in a browser; `npm run test:e2e` starts what it needs. */
export default defineConfig({
  test: {
    include: ['apps/console/test/e2e/**/*.e2e.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    slowTestThreshold: 20_000,
  },
})
