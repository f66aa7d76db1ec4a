import { request as httpRequest } from 'node:http'
import type { Agent } from 'node:http'
import { connect } from 'node:net'

/** A request as a test writes it; headers may repeat. */
export interface TestRequest {
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly json?: unknown
  /** Keeps the connection for the next request. */
  readonly agent?: Agent
}

/** What came back; `body` is parsed where it is JSON. */
export interface TestAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** Sends a request over a real connection. */
export function sendTo(
  port: number,
  { path, json, agent, ...rest }: TestRequest,
): Promise<TestAnswer> {
  const body = json === undefined ? '' : JSON.stringify(json)
  const headers = [
    ['Host', `127.0.0.1:${port}`],
    ...(rest.headers ?? []),
    ...(json === undefined ? [] : [['Content-Type', 'application/json']]),
    ['Content-Length', String(Buffer.byteLength(body))],
  ].flat()
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', path, method: rest.method ?? 'GET', headers, agent }
    const outgoing = httpRequest(options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => {
        const pairs = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(pairs) as Record<string, string>,
          body: parsed(text),
        })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** Sends bytes as they are; the status of the answer, or null when the server just hung up. */
export function sendRaw(port: number, bytes: string): Promise<number | null> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
      if (text.includes('\r\n')) socket.end()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]
      resolve(status === undefined ? null : Number(status))
    })
  })
}

/** As {@link TestAnswer}, from the answer of a handler on the Fetch API. */
export async function answerOf(response: Response): Promise<TestAnswer> {
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: parsed(await response.text()),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
