import { expect, test } from 'vitest'
import { countTests, summarise } from '../../scripts/count-tests.mjs'

const passedFile = { status: 'passed', assertionResults: [{ status: 'passed' }] }
const failedFile = { status: 'failed', assertionResults: [{ status: 'failed' }] }
const brokenFile = { status: 'failed', assertionResults: [] }

test.each([
  ['all pass', { numPassedTests: 3, testResults: [passedFile] }, 0, '3 passed, 0 failed'],
  [
    'one fails',
    { numPassedTests: 2, numFailedTests: 1, testResults: [failedFile] },
    1,
    '2 passed, 1 failed',
  ],
  [
    'a file does not load',
    { numPassedTests: 2, testResults: [brokenFile] },
    1,
    '2 passed, 1 failed',
  ],
  [
    'an error lies outside every test',
    { numPassedTests: 2, testResults: [passedFile] },
    1,
    '2 passed, 1 failed',
  ],
  [
    'one is skipped',
    { numPassedTests: 2, numPendingTests: 1, testResults: [] },
    0,
    '2 passed, 0 failed, 1 skipped',
  ],
  ['the run broke off', undefined, 130, '0 passed, 1 failed'],
])('when %s the last line says so', (_, report, exitCode, line) => {
  expect(summarise(countTests(report, exitCode))).toBe(line)
})
