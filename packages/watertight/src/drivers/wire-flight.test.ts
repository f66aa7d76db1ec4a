import { describe, expect, it } from 'vitest'
import type { WireCodec } from './wire-codec.js'
import { WireFlight } from './wire-flight.js'
import type { WireStatement } from './wire-flight.js'

const codec: WireCodec = {
  typeOf: () => 0,
  needsType: () => false,
  encode: String,
  rowReader: () => (values) => values,
  serverError: (fields) => Object.fromEntries(fields),
}

const parseComplete = message('1', '')
const bindComplete = message('2', '')
const noData = message('n', '')
const ready = message('Z', 'I')
const inserted = message('C', 'INSERT 0 1\0')

function message(type: string, body: string): { type: string; bytes: Buffer } {
  const bytes = Buffer.alloc(5 + body.length)
  bytes.write(type)
  bytes.writeUInt32BE(4 + body.length, 1)
  bytes.write(body, 5, 'latin1')
  return { type, bytes }
}

function insertOf(id: number): WireStatement {
  const statement = { text: `insert into t values (${String(id)})`, values: [] }
  return { statement, name: null, isPrepared: false, types: [], values: [] }
}

function startFlight(): WireFlight {
  const flight = new WireFlight([insertOf(1), insertOf(2)], {
    codec,
    copy: null,
    closing: [],
    link: { write: () => undefined, pause: () => undefined, resume: () => undefined },
    onPrepared: () => undefined,
    onTypes: () => undefined,
  })
  flight.start()
  return flight
}

describe('a flight of two statements', () => {
  const answered = [parseComplete, bindComplete, noData, inserted]

  it('lands when the server has answered both', async () => {
    const flight = startFlight()
    for (const each of [...answered, ...answered, ready]) flight.accept(each)
    expect(await flight.outcome).toMatchObject({ kind: 'landed', failure: null, status: 'idle' })
  })

  it.each([
    ['neither', []],
    ['the first alone', answered],
  ])('is lost, never done, when the server is ready with %s', async (_what, messages) => {
    const flight = startFlight()
    for (const each of [...messages, ready]) flight.accept(each)
    expect(await flight.outcome).toMatchObject({ kind: 'lost', sent: true, refused: false })
  })
})
