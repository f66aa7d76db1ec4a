import { z } from 'zod'
import { apiPrefix } from './build-api.js'
import type { Route } from './route.js'

type Json = Readonly<Record<string, unknown>>

const problem: Json = {
  description: 'Problem details (RFC 9457)',
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        required: ['type', 'title', 'status'],
        properties: {
          type: { const: 'about:blank' },
          title: { type: 'string' },
          status: { type: 'integer' },
          code: { type: 'string' },
          detail: { type: 'string' },
          errors: {
            type: 'array',
            items: {
              type: 'object',
              required: ['pointer', 'detail'],
              properties: { pointer: { type: 'string' }, detail: { type: 'string' } },
            },
          },
        },
      },
    },
  },
}

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The write is done once in 24 hours; the same request again gets the same answer.',
  schema: { type: 'string', minLength: 1, maxLength: 200, pattern: '^[!-~]+$' },
}

const expectTenant: Json = {
  name: 'Watertight-Expect-Tenant',
  in: 'header',
  required: false,
  description:
    'The tenant that the client believes its token to be for. Another one: 409 TENANT_MISMATCH, and nothing is done.',
  schema: { type: 'string', format: 'uuid' },
}

/** Headers that name the context which a request was answered for. */
const contextHeaders: Readonly<Record<string, Json>> = {
  'Watertight-Tenant': {
    description: 'The tenant of the token; absent outside of any tenant.',
    schema: { type: 'string', format: 'uuid' },
  },
  'Watertight-Mode': {
    description: 'The mode of the answer; `user` outside of any tenant.',
    schema: { type: 'string', enum: ['user', 'member', 'auditor', 'platform'] },
  },
  'Watertight-Org-Unit': {
    description: 'The org unit that the caller works in; absent where that is the whole tenant.',
    schema: { type: 'string', format: 'uuid' },
  },
}

const namedHeaders: Json = Object.fromEntries(
  Object.keys(contextHeaders).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
)

/**
 * The OpenAPI 3.1 document of the routes.
 *
 * @example openApiOf(routes) // { openapi: '3.1.0', paths: { '/api/v1/assets': { get: … } } }
 */
export function openApiOf(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const path = (paths[apiPrefix + route.path] ??= {})
    path[route.method.toLowerCase()] = operationOf(route)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'watertight reference platform', version: '1' },
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      headers: contextHeaders,
      parameters: { IdempotencyKey: idempotencyKey, ExpectTenant: expectTenant },
      responses: { Problem: problem },
    },
  }
}

function operationOf(route: Route): Json {
  const { input, reply } = route
  const mediaType = reply.contentType ?? 'application/json'
  const isPublic = route.access.kind === 'public'
  const content = { [mediaType]: { schema: schemaOf(reply.schema, 'output') } }
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [route.tag],
    ...(!isPublic && { security: [{ bearer: [] }] }),
    'x-access': route.access,
    parameters: [
      ...parametersOf('path', input.params),
      ...parametersOf('query', input.query),
      ...(isPublic ? [] : [{ $ref: '#/components/parameters/ExpectTenant' }]),
      ...(isRepeatable(route) ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
    ],
    ...(input.body !== undefined && {
      requestBody: {
        required: !input.body.safeParse({}).success,
        content: { 'application/json': { schema: schemaOf(input.body, 'input') } },
      },
    }),
    responses: {
      [String(reply.status)]: {
        description: reply.description,
        ...(!isPublic && { headers: namedHeaders }),
        ...(reply.status !== 204 && { content }),
      },
      default: { $ref: '#/components/responses/Problem' },
    },
  }
}

function isRepeatable({ method }: Route): boolean {
  return method !== 'GET'
}

function parametersOf(place: 'path' | 'query', schema: z.ZodObject | undefined): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: 'input',
    override: dropPattern,
  })
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }))
}

/** What has a format needs no pattern; those of times are pages long. */
function dropPattern({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    override: dropPattern,
    // Bytes, which say by their metadata what they are.
    unrepresentable: 'any',
  })
  return rest
}
