import type { TestProject } from 'vitest/node'
import { randomName } from './random-name.js'
import type { RunEnvironment } from './run-environment.js'
import { startServerService } from './server-service.js'
import { embeddedServers } from './embedded-servers.js'
import { externalServer } from './external-server.js'
import { keepTemporaryFilesInMemory } from './memory-directory.js'

/** Offers the run's PostgreSQL servers to the test files and clears up after them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  keepTemporaryFilesInMemory()
  const runId = randomName(4)
  const externalUrl = process.env['DATABASE_URL']
  const servers =
    externalUrl === undefined || externalUrl === ''
      ? embeddedServers()
      : await externalServer(externalUrl, runId)
  const service = await startServerService(servers)
  const environment: RunEnvironment = { runId, majors: servers.majors, service: service.address }
  project.provide('runEnvironment', environment)
  return async () => {
    await service.close()
    await servers.stop()
  }
}
