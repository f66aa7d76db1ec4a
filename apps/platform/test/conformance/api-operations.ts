import { openApiOf } from '../../src/api/openapi.js'
import type { Access, Route } from '../../src/api/route.js'
import type { JsonSchema } from './json-schema.js'

/** A value of the path or of the query. */
interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required: boolean
  readonly schema: JsonSchema
}

interface Media {
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>
}

interface DocumentedOperation {
  readonly operationId: string
  readonly 'x-access': Access
  readonly parameters: readonly (Parameter | { readonly $ref: string })[]
  readonly requestBody?: Required<Media>
  readonly responses: Readonly<Record<string, Media>>
}

interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>
  readonly components: { readonly responses: { readonly Problem: Required<Media> } }
}

/** One operation as its document tells clients of it. */
export interface ApiOperation {
  readonly id: string
  readonly method: string
  /** `/api/v1/assets/{assetId}` */
  readonly path: string
  readonly access: Access
  readonly parameters: readonly Parameter[]
  readonly body: JsonSchema | null
  readonly success: {
    readonly status: number
    /** Null where the reply has no body. */
    readonly mediaType: string | null
    readonly schema: JsonSchema
  }
}

/** What the OpenAPI document says of an API. */
export interface ApiContract {
  readonly operations: readonly ApiOperation[]
  readonly problem: JsonSchema
}

/** Reads the operations out of the OpenAPI document of the routes. */
export function readContract(routes: readonly Route[]): ApiContract {
  const document = JSON.parse(JSON.stringify(openApiOf(routes))) as OpenApiDocument
  const operations = Object.entries(document.paths).flatMap(([path, byMethod]) =>
    Object.entries(byMethod).map(([method, operation]) =>
      operationOf(path, method.toUpperCase(), operation),
    ),
  )
  const problem = document.components.responses.Problem.content['application/problem+json']
  if (problem === undefined) throw new Error('the document describes no problem details')
  return { operations, problem: problem.schema }
}

function operationOf(path: string, method: string, operation: DocumentedOperation): ApiOperation {
  const { operationId, parameters, requestBody, responses } = operation
  const [status = '', reply] = Object.entries(responses).find(([key]) => key !== 'default') ?? []
  const [content] = Object.entries(reply?.content ?? {})
  return {
    id: operationId,
    method,
    path,
    access: operation['x-access'],
    parameters: parameters.flatMap((parameter) => ('$ref' in parameter ? [] : [parameter])),
    body: requestBody?.content['application/json']?.schema ?? null,
    success: {
      status: Number(status),
      mediaType: content?.[0] ?? null,
      schema: content?.[1].schema ?? {},
    },
  }
}
