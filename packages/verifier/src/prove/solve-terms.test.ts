import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { solveTerms } from './solve-terms.js'
import { and, eq, not, or, text } from './terms/term.js'
import type { Term } from './terms/term.js'
import { openZ3 } from './z3-solver.js'
import type { ClosableSolver } from './z3-solver.js'

let solver: ClosableSolver

beforeAll(async () => {
  solver = await openZ3()
})
afterAll(() => solver.close())

const column = (id: number): Term => ({ kind: 'const', sort: 'int', id, label: `c${id}` })
const flag: Term = { kind: 'const', sort: 'bool', id: 90, label: 'flag' }
const state = column(1)
const is = (value: string): Term => eq(state, text(value))
const many = or(...Array.from({ length: 2000 }, (_, index) => is(`s${index}`)))

describe('a problem with thousands of tests of a column', { timeout: 120_000 }, () => {
  it('has no solution in which the column has two values', async () => {
    const two = await solveTerms([many, is('s1'), is('s2')], solver)
    expect(two.answer.status).not.toBe('sat')
  })

  it('has no solution where the list is all that there is and the column is outside of it', async () => {
    const outside = await solveTerms([many, not(many)], solver)
    expect(outside.answer.status).toBe('unsat')
  })

  it('gives a solution as the value that the column has', async () => {
    const { problem, answer } = await solveTerms([many, or(is('s7'), and(flag, not(flag)))], solver)
    const value = answer.status === 'sat' ? answer.values[`c${problem.constants.indexOf(1)}`] : ''
    expect(problem.texts[Number(value) - 1_000_000_000]).toBe('s7')
  })

  it('looks at a column that is compared with another one as it is', async () => {
    const other = column(2)
    const tied = await solveTerms([many, eq(state, other), eq(other, text('none'))], solver)
    expect(tied.answer.status).not.toBe('sat')
  })
})
