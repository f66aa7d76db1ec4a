import { makeFinding } from '../../../findings/index.js'
import type { ReviewRule } from '../../rule.js'

/** A suppression is past its date, so its finding is back. */
export const acceptExpired: ReviewRule = {
  kind: 'review',
  id: 'accept-expired',
  title: 'An accepted finding is past its date.',
  review: (input, findings) =>
    input.model.accept
      .filter((entry) => entry.until < input.today)
      .filter((entry) => findings.some((finding) => finding.key === entry.key))
      .map((entry) =>
        makeFinding({
          rule: 'accept-expired',
          severity: 'warning',
          object: entry.key,
          message: `${entry.key} was accepted until ${entry.until}; the finding counts again.`,
          evidence: { reason: entry.reason, until: entry.until },
        }),
      ),
}
