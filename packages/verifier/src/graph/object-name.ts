import { qualifiedName } from 'watertight/sql'

/** Anything in a schema. */
export interface SchemaObject {
  readonly schema: string
  readonly name: string
}

/** `schema.name` as SQL would write it: the name under which findings and coverage speak of it. */
export function objectName(object: SchemaObject): string {
  return qualifiedName(object.schema, object.name).text
}
