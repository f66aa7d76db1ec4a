import { describe, expect, it } from 'vitest'
import { majorsOfRun } from './server-major.js'

describe('the versions that a run covers', () => {
  it('are all of them in CI', () => {
    expect(majorsOfRun({ CI: '1' })).toEqual([15, 16, 17, 18])
  })

  it('are the oldest and the newest where somebody waits', () => {
    expect(majorsOfRun({})).toEqual([15, 18])
  })

  it('are those that were asked for, whatever the order', () => {
    expect(majorsOfRun({ CI: '1', WATERTIGHT_MAJORS: '17,16' })).toEqual([16, 17])
  })

  it('are never fewer than were asked for', () => {
    expect(() => majorsOfRun({ WATERTIGHT_MAJORS: '14,15' })).toThrow('names 14')
  })
})
