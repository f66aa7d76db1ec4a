import { makeFinding } from '../../../findings/index.js'
import type { ReviewRule } from '../../rule.js'

/** A suppression matches nothing: the cause is gone, or the key is wrong. */
export const acceptUnused: ReviewRule = {
  kind: 'review',
  id: 'accept-unused',
  title: 'An accepted finding does not occur.',
  review: (input, findings) =>
    input.model.accept
      .filter((entry) => !findings.some((finding) => finding.key === entry.key))
      .map((entry) =>
        makeFinding({
          rule: 'accept-unused',
          severity: 'warning',
          object: entry.key,
          message: `No finding has the accepted key ${entry.key}: remove the entry before it hides the next one.`,
          evidence: { reason: entry.reason, until: entry.until },
        }),
      ),
}
