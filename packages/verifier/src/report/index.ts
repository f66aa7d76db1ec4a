export { renderJson } from './render-json.js'
export { renderPretty } from './render-pretty.js'
export type { RenderOptions } from './style.js'
