import { describe, expect, it } from 'vitest'
import { csvLine } from './csv.js'

describe('a line of CSV', () => {
  it.each<[string, unknown[], string]>([
    ['texts and numbers', ['a', 1, true, null, undefined], 'a,1,true,,'],
    ['what separates', ['a,b', 'c"d', 'e\nf'], '"a,b","c""d","e\nf"'],
    ['objects as JSON', [{ a: [1, 'x'] }], '"{""a"":[1,""x""]}"'],
    ['formulas as texts', ['=1+1', '+1', '-1', '@a', '\tx'], "'=1+1,'+1,'-1,'@a,'\tx"],
    ['a formula with a comma', ['=HYPERLINK("x","y")'], `"'=HYPERLINK(""x"",""y"")"`],
    ['negative numbers as numbers', [-1], '-1'],
  ])('has %s', (_what, values, line) => {
    expect(csvLine(values)).toBe(`${line}\r\n`)
  })
})
