export { errorCodes } from './error-codes.js'
export type { ErrorCode } from './error-codes.js'
export { WatertightError } from './watertight-error.js'
export type { ErrorDetails, Problem } from './watertight-error.js'
