import type { FastifyRequest, FastifyServerOptions } from 'fastify'

/** Where log lines go. */
export interface LogSink {
  readonly level?: 'debug' | 'info' | 'warn' | 'error'
  /** Standard output by default. */
  readonly stream?: { write(line: string): void }
}

/**
 * Options of pino: a line says which operation was answered how, for the request id that the audit
 * log has as correlation id.
 *
 * SECURITY: no header, body, query, path parameter or address; no tenant's data and no secret can get
 * into a line, because nothing of a request but these fields is printed.
 */
export function logOptions(sink: LogSink | undefined): NonNullable<FastifyServerOptions['logger']> {
  if (sink === undefined) return false
  const { level = 'info', stream } = sink
  return {
    level,
    base: null,
    ...(stream !== undefined && { stream }),
    serializers: {
      req: ({ method, routeOptions }: FastifyRequest) => ({ method, route: routeOptions?.url }),
      res: ({ statusCode }) => ({ statusCode }),
      err: ({ name }: Error) => ({ type: name, message: '', stack: '' }),
    },
  }
}
