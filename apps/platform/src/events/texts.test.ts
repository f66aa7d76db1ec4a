import { describe, expect, it } from 'vitest'
import type { CsvValue } from './csv.js'
import { toCsv } from './csv.js'
import { toICalendar } from './icalendar.js'
import { newTicketCode } from './ticket-code.js'

describe('CSV', () => {
  it.each<[string, CsvValue, string]>([
    ['a formula', '=SUM(A1)', "'=SUM(A1)"],
    ['a sign', '+49 40 123', "'+49 40 123"],
    ['a minus', '-1', "'-1"],
    ['an at', '@cmd', "'@cmd"],
    ['a tab', '\t=1', "'\t=1"],
    ['a negative number', -1, '-1'],
    ['quotes', 'say "hi"', '"say ""hi"""'],
    ['a line break', 'a\nb', '"a\nb"'],
    ['nothing', null, ''],
    ['a time', new Date(0), '1970-01-01T00:00:00.000Z'],
  ])('writes %s so that a spreadsheet takes it as it is', (_, value, cell) => {
    expect(toCsv(['h'], [[value]])).toBe(`h\r\n${cell}\r\n`)
  })
})

describe('iCalendar', () => {
  const event = {
    uid: 'x@y',
    title: 'Title',
    description: '',
    location: '',
    startsAt: new Date('2026-03-01T10:00:00.000Z'),
    endsAt: new Date('2026-03-01T12:30:00.500Z'),
    stamp: new Date(0),
  }

  it('keeps text from becoming another property', () => {
    const text = toICalendar({ ...event, title: 'A;B,C\\D\r\nATTENDEE:mailto:x@y' })
    expect(text).toContain('SUMMARY:A\\;B\\,C\\\\D\\nATTENDEE:mailto:x@y\r\n')
    expect(text).not.toMatch(/^ATTENDEE/m)
    expect(text).toContain('DTSTART:20260301T100000Z\r\nDTEND:20260301T123000Z\r\n')
  })

  it('folds lines at 75 octets, between characters', () => {
    const title = 'Größe 漢字 🎉 '.repeat(20)
    const text = toICalendar({ ...event, title })
    const lines = text.split('\r\n')
    for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
    expect(text.replaceAll('\r\n ', '')).toContain(`SUMMARY:${title}\r\n`)
  })
})

describe('ticket codes', () => {
  it('are eight characters that are not taken for each other, and differ', () => {
    const codes = Array.from({ length: 1000 }, newTicketCode)
    for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/)
    expect(new Set(codes).size).toBe(1000)
  })
})
