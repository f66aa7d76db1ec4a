import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ApiProblemCode } from './api-problem.js'
import { ApiProblem } from './api-problem.js'

/** What is told to who sends something that is no HTTP, by the code of Node's parser. */
const problems: Readonly<Record<string, readonly [ApiProblemCode, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['REQUEST_TIMEOUT', 'the request took too long to arrive'],
  HPE_HEADER_OVERFLOW: ['HEADERS_TOO_LARGE', 'the headers are larger than allowed'],
}

/** Answers what Node cannot read as a request with problem details as well, and ends the connection. */
export function answerUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const [code, detail] = problems[error.code ?? ''] ?? [
    'INVALID_REQUEST',
    'the request cannot be read',
  ]
  const problem = new ApiProblem(code, detail)
  const { status, body } = problem
  const text = JSON.stringify(body)
  if (socket.writable) {
    socket.write(
      [
        `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? 'Error'}`,
        'Content-Type: application/problem+json',
        `Content-Length: ${String(Buffer.byteLength(text))}`,
        'Connection: close',
        '',
        text,
      ].join('\r\n'),
    )
  }
  socket.destroySoon()
}
