import { defineConfig } from 'vitest/config'
import { SlowFirst } from './test/slow-first.js'

// Workspace packages resolve to their TypeScript sources, so a test run needs no build.
// Not `module`, a condition of bundlers: Node cannot load what some packages keep for it.
const conditions = ['watertight-source', 'node', 'development|production']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['watertight-source', 'node'] } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/test/**/*.test.ts',
      'apps/*/src/**/*.test.ts',
      'apps/*/test/**/*.test.ts',
      'test/**/*.test.ts',
      'bench/src/**/*.test.ts',
      'examples/*/*.test.ts',
    ],
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    // Loading the sources takes longer than most files: a worker loads them once. What a test changes
    // in its process it changes back.
    isolate: false,
    maxWorkers: 2,
    sequence: { sequencer: SlowFirst },
    // For a machine that does much else; nothing waits that long on an idle one.
    testTimeout: 120_000,
    // What comes about by itself does so in milliseconds; on a busy machine it takes seconds.
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    slowTestThreshold: 5000,
  },
})
