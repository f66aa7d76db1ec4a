import { defineConfig } from 'vitest/config'

/** Pictures of the console; `npm run test:e2e -- --screenshots FOLDER` starts what they need. */
export default defineConfig({
  test: {
    include: ['apps/console/test/screenshots/**/*.shots.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 180_000,
    slowTestThreshold: 600_000,
  },
})
