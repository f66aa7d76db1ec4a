import type { Parser } from '../parsing/parser.js'
import { oneOf } from '../parsing/parser.js'
import type { KeyType } from '../tenancy-model.js'

export const defaultKeyType: KeyType = 'uuid'

export const keyType: Parser<KeyType> = oneOf(['uuid', 'bigint', 'text'])
