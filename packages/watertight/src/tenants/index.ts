export { eraseTenant } from './erase/erase-tenant.js'
export type { EraseOptions, TenantFacts } from './erase/erase-tenant.js'
export { isGenuineReport } from './erase/erasure-report.js'
export type { ErasedTable, ErasureReport } from './erase/erasure-report.js'
export type { Remaining, Search } from './erase/remaining-rows.js'
export { directorySink } from './export/export-sink.js'
export type { ExportFile, ExportSink } from './export/export-sink.js'
export { exportTenant, exportTenantWithin } from './export/export-tenant.js'
export type {
  ExportContentOptions,
  ExportedTable,
  ExportManifest,
  ExportOptions,
} from './export/export-tenant.js'
export { awsKmsKeyProvider } from './keys/aws-kms-key-provider.js'
export type { AwsKms, AwsKmsOptions } from './keys/aws-kms-key-provider.js'
export type { KeyContext, KeyProvider } from './keys/key-provider.js'
export { requireUsable } from './keys/key-records.js'
export type { KeyRecord, KeyRecords } from './keys/key-records.js'
export { canOpen, stateAfter } from './keys/key-state.js'
export type { KeyChange, KeyState } from './keys/key-state.js'
export { localKeyProvider } from './keys/local-key-provider.js'
export { provisionTenant } from './lifecycle/provision-tenant.js'
export type { DataKeyCacheOptions } from './sealing/data-key-cache.js'
export { sealedWith } from './sealing/envelope.js'
export { resealBatch } from './sealing/reseal.js'
export type { ResealOptions, StoredSeal, StoredSeals } from './sealing/reseal.js'
export { createSealer } from './sealing/sealer.js'
export type { Refusal, Sealed, SealedPlace, Sealer, SealerOptions } from './sealing/sealer.js'
