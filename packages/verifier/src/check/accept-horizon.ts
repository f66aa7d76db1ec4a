import { WatertightError } from 'watertight/errors'
import type { Problem } from 'watertight/errors'
import type { TenancyModel } from 'watertight/model'

/** Longest time that a finding can be accepted for, in days. */
export const acceptHorizonDays = 180

/** The accepted findings that reach too far ahead, with their paths. `today` is `YYYY-MM-DD`. */
export function acceptProblems({ accept }: TenancyModel, today: string): readonly Problem[] {
  const last = new Date(Date.parse(today) + acceptHorizonDays * 86_400_000)
    .toISOString()
    .slice(0, 10)
  return accept.flatMap(({ until }, index) =>
    until > last
      ? [
          {
            path: `accept[${index}].until`,
            message: `is ${until}, more than ${acceptHorizonDays} days ahead; at most ${last}`,
          },
        ]
      : [],
  )
}

/**
 * Refuses a model that accepts findings for too long.
 *
 * @throws INVALID_MODEL with the path of every such entry.
 */
export function refuseFarAccept(model: TenancyModel, today: string): void {
  const problems = acceptProblems(model, today)
  if (problems.length === 0) return
  throw new WatertightError('INVALID_MODEL', 'findings are accepted for too long', {
    problems,
    hint: 'Accept for half a year at most; whoever still accepts it then says so again.',
  })
}
