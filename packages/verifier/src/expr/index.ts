export type * from './ir/expr.js'
export type * from './ir/function-body.js'
export type * from './ir/names.js'
export type * from './ir/select.js'
