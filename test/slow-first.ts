import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** What takes longest, longest first: started last, one of them would keep a whole run waiting. */
const slow = [
  'packages/cli/src/leakbench.test.ts',
  'apps/platform/src/boot/boot-platform.test.ts',
  'packages/verifier/src/check/leak-pairs.test.ts',
  'packages/verifier/src/check/infer/foreign-schemas.test.ts',
  'packages/verifier/src/prove/generated-layer.test.ts',
  'packages/verifier/src/check/generated-layer.test.ts',
  'packages/verifier/src/prove/leakbench.test.ts',
  'apps/platform/src/access-matrix.test.ts',
  'packages/cli/src/commands/check-changes-nothing.test.ts',
  'packages/watertight/src/migrate/convergence-properties.test.ts',
]

/** Starts the slow files first; a checkout that never ran the tests cannot know them by itself. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rankOf(a) - rankOf(b))
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = slow.findIndex((path) => moduleId.endsWith(path))
  return rank < 0 ? slow.length : rank
}
