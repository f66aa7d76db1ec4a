export type * from './tenancy-input.js'
export type * from './tenancy-model.js'
