import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiProblem } from './api-problem.js'

/** How many requests are answered per minute; each process counts for itself. */
export interface RateLimits {
  /** Of one user, or of one API key. */
  readonly perPrincipal: number
  /** From one address, before anybody knows who it is. */
  readonly perAddress: number
}

/** The limits of a server that is told nothing else. */
export const defaultRateLimits: RateLimits = { perPrincipal: 3000, perAddress: 12_000 }

type Check = (request: FastifyRequest) => Promise<void>

/** The checks of a server, to be made before and after the token of a request is read. */
export interface RateChecks {
  readonly address: Check
  readonly principal: Check
}

/**
 * Registers `@fastify/rate-limit` and returns the checks.
 *
 * @throws {ApiProblem} TOO_MANY_REQUESTS from the checks, with the seconds to wait.
 */
export async function openRateChecks(
  app: FastifyInstance,
  limits: RateLimits,
): Promise<RateChecks> {
  await app.register(rateLimit, { global: false, cache: 20_000 })
  const check = (max: number, keyGenerator: (request: FastifyRequest) => string): Check => {
    const count = app.createRateLimit({ max, timeWindow: 60_000, keyGenerator })
    return async (request) => {
      const state = await count(request)
      if (state.isAllowed || !state.isExceeded) return
      const wait = Math.max(1, state.ttlInSeconds)
      throw new ApiProblem('TOO_MANY_REQUESTS', 'too many requests; come back later', [], wait)
    }
  }
  return {
    address: check(limits.perAddress, ({ ip }) => `address ${ip}`),
    principal: check(limits.perPrincipal, principalOf),
  }
}

function principalOf({ tenancy, ip }: FastifyRequest): string {
  const { identity } = tenancy
  if (identity === null) return `address ${ip}`
  const key: unknown = identity.claims['api_key_id']
  return typeof key === 'string' ? `key ${key}` : `user ${identity.userId}`
}
