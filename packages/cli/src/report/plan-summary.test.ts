import { expect, it } from 'vitest'
import type { Hazard } from 'watertight/plan'
import { consentFlags } from './plan-summary.js'

const hazards = (number: number): Hazard[] =>
  Array.from({ length: number }, (_, index) => ({
    kind: index % 2 === 0 ? 'DROPS_POLICY' : 'DISABLES_RLS',
    object: `app.table_${index}`,
    detail: '',
  }))

it('names each object while a person can read them', () => {
  expect(consentFlags(hazards(2))).toBe(
    '--allow DROPS_POLICY:app.table_0 --allow DISABLES_RLS:app.table_1',
  )
})

it('names kinds alone where there are more objects than anybody reads in a line', () => {
  expect(consentFlags(hazards(40))).toBe('--allow DROPS_POLICY --allow DISABLES_RLS')
})
