import { ruleTitles } from '@watertight/verifier'
import { expect, it } from 'vitest'
import { denialReasons } from 'watertight/explain'
import { runCli } from '../testing/run-cli.js'

it.each([...ruleTitles, ...Object.entries(denialReasons)])(
  'explains %s without a database or a network',
  async (id, title) => {
    const { exit, stdout } = await runCli(['explain', id])
    expect(exit).toBe(0)
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(title)
  },
)
