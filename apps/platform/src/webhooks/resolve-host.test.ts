import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Resolver } from './resolve-host.js'
import { nameServerResolver, resolveTarget } from './resolve-host.js'
import { parseTarget } from './webhook-target.js'

let server: Socket
let resolve: Resolver
/** Answers to questions for IPv4 addresses, in turn; null for none at all. */
let answers: (readonly number[][] | null)[] = []
let questions = 0

/** A name server that has no addresses of IPv6. */
function answer(query: Buffer): Buffer | null {
  const end = query.indexOf(0, 12) + 5
  const isForIpv4 = query.readUInt16BE(end - 4) === 1
  if (!isForIpv4) return reply(query, end, [])
  questions += 1
  const addresses = answers.shift() ?? null
  return addresses === null ? null : reply(query, end, addresses)
}

function reply(query: Buffer, end: number, addresses: readonly (readonly number[])[]): Buffer {
  const header = Buffer.from(query.subarray(0, 12))
  header.writeUInt16BE(0x8180, 2)
  header.writeUInt16BE(addresses.length, 6)
  header.writeUInt16BE(0, 10)
  const records = addresses.map((address) =>
    // The name of the question, type A, class IN, for no time at all.
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address]),
  )
  return Buffer.concat([header, query.subarray(12, end), ...records])
}

beforeAll(async () => {
  server = createSocket('udp4')
  server.on('message', (query, from) => {
    const message = answer(query)
    if (message !== null) server.send(message, from.port, from.address)
  })
  await new Promise<void>((done) => server.bind(0, '127.0.0.1', done))
  const { port } = server.address()
  resolve = nameServerResolver([`127.0.0.1:${String(port)}`])
})
beforeEach(() => {
  answers = []
  questions = 0
})
afterAll(() => {
  server.close()
})

const target = parseTarget('https://hooks.example/in')
const ask = (timeout = 5000): Promise<readonly string[]> =>
  resolveTarget(target, resolve, AbortSignal.timeout(timeout))

describe('the addresses of a destination', () => {
  it('come from the name servers, in one question for each delivery', async () => {
    answers = [[[93, 184, 216, 34]]]
    expect(await ask()).toEqual(['93.184.216.34'])
    expect(questions).toBe(1)
  })

  it('are judged by each answer, since the next one may lead inside', async () => {
    answers = [
      [[93, 184, 216, 34]],
      [[169, 254, 169, 254]],
      [
        [93, 184, 216, 34],
        [10, 0, 0, 1],
      ],
    ]
    expect(await ask()).toEqual(['93.184.216.34'])
    await expect(ask()).rejects.toMatchObject({ failure: 'target_refused' })
    await expect(ask()).rejects.toMatchObject({ failure: 'target_refused' })
    expect(questions).toBe(3)
  })

  it('are not looked for in the file of hosts', async () => {
    answers = [[]]
    const local = parseTarget('https://localhost/')
    const asked = resolveTarget(local, resolve, AbortSignal.timeout(5000))
    await expect(asked).rejects.toBeInstanceOf(Error)
    await expect(asked).rejects.not.toMatchObject({ failure: 'timed_out' })
  })

  it('are none when the name servers have none, and too late when they are silent', async () => {
    answers = [[]]
    await expect(ask()).rejects.toMatchObject({ failure: 'name_not_resolved' })
    answers = [null, null]
    await expect(ask(200)).rejects.toMatchObject({ failure: 'timed_out' })
  })
})
