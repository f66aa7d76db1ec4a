export type {
  EmbeddedAuth,
  EmbeddedPostgres,
  EmbeddedPostgresOptions,
  PostgresMajor,
} from './options.js'
export { startEmbeddedPostgres } from './start-embedded-postgres.js'
