import type { KernelMeaning } from '../encode/encoding.js'

/** The functions are like any others. */
export const noKernel: KernelMeaning = {
  isKernelFunction: () => false,
  value: () => undefined,
}
