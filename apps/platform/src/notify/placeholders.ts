import type { FieldProblem } from '../api/api-problem.js'

const placeholder = /\{\{([^{}]*)\}\}/g

/** Texts with the field each stands in; null for a text that is not there. */
export interface TemplateTexts {
  readonly subject: string | null
  readonly body: string
}

/**
 * Placeholders that nothing would be put in for, with the field they stand in.
 *
 * @example
 * ```ts
 * unknownPlaceholders({ subject: null, body: 'Dear {{name}}, {{code}}' }, ['name'])
 * // [{ pointer: '/body/body', detail: 'has the unknown placeholder {{code}}' }]
 * ```
 */
export function unknownPlaceholders(
  { subject, body }: TemplateTexts,
  variables: readonly string[],
): FieldProblem[] {
  const problemsOf = (field: string, text: string): FieldProblem[] => {
    const names = new Set([...text.matchAll(placeholder)].map(([, name = '']) => name.trim()))
    return [...names]
      .filter((name) => !variables.includes(name))
      .map((name) => ({
        pointer: `/body/${field}`,
        detail: `has the unknown placeholder {{${name.slice(0, 60)}}}`,
      }))
  }
  return [...problemsOf('subject', subject ?? ''), ...problemsOf('body', body)]
}
