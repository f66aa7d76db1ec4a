import type { QualifiedName } from '../../expr/index.js'
import type { Encoding } from '../encode/encoding.js'
import type { Value } from '../encode/value.js'

/** What the functions of schema `watertight` return, when they are as watertight makes them. */
export interface KernelMeaning {
  isKernelFunction(name: QualifiedName): boolean
  /** Undefined for a function that is not genuine or not known. */
  value(encoding: Encoding, name: string, args: readonly Value[]): Value | undefined
}

/** The functions are like any others. */
export const noKernel: KernelMeaning = {
  isKernelFunction: () => false,
  value: () => undefined,
}
