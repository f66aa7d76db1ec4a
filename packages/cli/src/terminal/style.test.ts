import { describe, expect, it } from 'vitest'
import { createStyle } from './style.js'

const terminal = { isTTY: true, columns: 120 }
const utf8 = { LANG: 'en_US.UTF-8', TERM: 'xterm' }

describe('how a stream may be written to', () => {
  it.each([
    ['a terminal', terminal, utf8, { hasColour: true, hasLinks: true, hasUnicode: true }],
    ['a pipe', {}, utf8, { hasColour: false, hasLinks: false, hasUnicode: true }],
    ['NO_COLOR', terminal, { ...utf8, NO_COLOR: '1' }, { hasColour: false, hasLinks: false }],
    ['an empty NO_COLOR', terminal, { ...utf8, NO_COLOR: '' }, { hasColour: true }],
    [
      'FORCE_COLOR in a pipe',
      {},
      { ...utf8, FORCE_COLOR: '1' },
      { hasColour: true, hasLinks: false },
    ],
    ['FORCE_COLOR over NO_COLOR', {}, { NO_COLOR: '1', FORCE_COLOR: '1' }, { hasColour: true }],
    ['FORCE_COLOR=0', terminal, { ...utf8, FORCE_COLOR: '0' }, { hasColour: false }],
    ['TERM=dumb', terminal, { ...utf8, TERM: 'dumb' }, { hasColour: false, hasUnicode: false }],
    ['a locale without UTF-8', terminal, { LANG: 'C', TERM: 'xterm' }, { hasUnicode: false }],
    ['LC_ALL over LANG', terminal, { ...utf8, LC_ALL: 'C' }, { hasUnicode: false }],
    ['a narrow terminal', { isTTY: true, columns: 40 }, utf8, { width: 40 }],
    ['COLUMNS', {}, { COLUMNS: '70' }, { width: 70 }],
    ['no width at all', {}, {}, { width: 80 }],
  ])('%s', (_what, device, variables, expected) => {
    expect(createStyle(device, variables)).toMatchObject(expected)
  })

  it('prints the address beside a text where links are not clickable', () => {
    expect(createStyle({}, {}).link('docs', 'https://x.y')).toBe('docs (https://x.y)')
    expect(createStyle(terminal, utf8).link('docs', 'https://x.y')).toBe(
      '\u001B]8;;https://x.y\u001B\\docs\u001B]8;;\u001B\\',
    )
  })
})
