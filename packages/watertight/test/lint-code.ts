import * as parser from '@typescript-eslint/parser'
import { Linter } from 'eslint'
import type { Rule } from 'eslint'
import watertight from 'watertight/eslint'

export interface LintOptions {
  readonly options?: object | undefined
  readonly filename?: string | undefined
}

const linter = new Linter()

/** What ESLint reports of a TypeScript file under the rule: `messageId line`, in order. */
export function problemsIn(code: string, given: LintOptions = {}): readonly string[] {
  const { options = {}, filename = 'src/orders.ts' } = given
  const messages = linter.verify(
    code,
    [
      {
        files: ['**/*.{ts,js,mts}'],
        languageOptions: { parser, parserOptions: { ecmaFeatures: { jsx: true } } },
        plugins: {
          watertight: { rules: watertight.rules as Record<string, Rule.RuleModule> },
        },
        rules: { 'watertight/no-direct-pool': ['error', options] },
      },
    ],
    { filename },
  )
  return messages.map(({ messageId, line, message }) =>
    messageId === undefined ? message : `${messageId} ${line}`,
  )
}
