import type { CheckResult } from '../../findings/index.js'
import { element, folded, join, paragraph, pre, text } from './elements.js'
import type { Section } from './elements.js'

/** The model as used, and which parts of it nobody declared. */
export function modelSection({ model }: CheckResult): Section {
  const { inferred, ...declared } = model
  const body = join(
    inferred.length === 0
      ? paragraph('All of it was declared.')
      : join(
          element(
            'p',
            { class: 'unknown' },
            text(
              'These parts were inferred from the database, not declared. Whatever is proven is proven for this reading of it.',
            ),
          ),
          element(
            'ul',
            {},
            inferred.map((path) => element('li', {}, text(path))),
          ),
        ),
    folded('The model as used', pre(JSON.stringify(declared, null, 2))),
  )
  return { id: 'model', title: 'Model', body }
}
