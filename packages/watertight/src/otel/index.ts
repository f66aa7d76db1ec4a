export { otelObserver } from './otel-observer.js'
export type { OtelObserverOptions } from './otel-observer.js'
export type { TenantAttribute } from './tenant-attribute.js'
