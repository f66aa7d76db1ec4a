/**
 * Counts from vitest's JSON report. What failed outside a test counts as one failure: a file that
 * does not load, an unhandled error, a run that did not finish.
 *
 * @param report the parsed report; undefined when there is none
 * @param exitCode vitest's exit code
 */
export function countTests(report, exitCode) {
  const counts = {
    passed: report?.numPassedTests ?? 0,
    failed: report?.numFailedTests ?? 0,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  }
  for (const file of report?.testResults ?? []) {
    const hasFailedTest = file.assertionResults.some(({ status }) => status === 'failed')
    if (file.status === 'failed' && !hasFailedTest) counts.failed += 1
  }
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1
  return counts
}

/** The one line that ends a test run. */
export function summarise({ passed, failed, skipped }) {
  const line = `${passed} passed, ${failed} failed`
  return skipped === 0 ? line : `${line}, ${skipped} skipped`
}
