import { describe, expect, it } from 'vitest'
import { madeFinding, madeResult, madeRow } from '../../test/made-result.js'
import { applyBaseline, baselineOf, exitCodeOf, parseBaseline } from './index.js'

const old = madeResult({
  coverage: [madeRow('public.a', 'SELECT', 'leak')],
  findings: [
    madeFinding('rls-disabled', 'error', 'public.a'),
    madeFinding('sequence-readable', 'warning', 'public.s'),
  ],
})
const strict = { allowUnknown: false }

describe('a baseline', () => {
  it('lets what was there pass, counted and listed, and leaves the leak in the coverage', () => {
    const result = applyBaseline(old, baselineOf(old))
    expect(exitCodeOf(old, strict)).toBe(1)
    expect(exitCodeOf(result, strict)).toBe(0)
    expect(result.findings).toEqual([])
    expect(result.baselined).toHaveLength(2)
    expect(result.summary).toMatchObject({ errors: 0, warnings: 0, baselined: 2, leak: 1 })
  })

  it.each([
    ['new', madeFinding('rls-disabled', 'error', 'public.b')],
    ['worse than it was', madeFinding('sequence-readable', 'error', 'public.s')],
  ])('does not know what is %s', (_what, finding) => {
    const now = madeResult({ ...old, findings: [...old.findings.slice(0, 1), finding] })
    const result = applyBaseline(now, baselineOf(old))
    expect(result.findings).toEqual([finding])
    expect(exitCodeOf(result, strict)).toBe(1)
  })

  it('forgives nothing that could not be checked', () => {
    const open = madeResult({ coverage: [madeRow('public.a', 'SELECT', 'unknown')] })
    expect(exitCodeOf(applyBaseline(open, baselineOf(open)), strict)).toBe(3)
  })

  it('survives its file, and refuses any other with every fault', () => {
    const baseline = baselineOf(old)
    expect(parseBaseline(JSON.parse(JSON.stringify(baseline)))).toEqual(baseline)
    expect(() => parseBaseline({ schema: 'x', findings: [{ key: 1 }] })).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        problems: [
          expect.objectContaining({ path: 'schema' }),
          expect.objectContaining({ path: 'writtenAt' }),
          expect.objectContaining({ path: 'findings[0]' }),
        ],
      }),
    )
  })
})
