/** Middle and spread of the rounds. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = sorted.length / 2
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN
  const high = sorted[Math.floor(middle)] ?? Number.NaN
  return {
    median: round((low + high) / 2),
    min: round(sorted[0] ?? Number.NaN),
    max: round(sorted.at(-1) ?? Number.NaN),
  }
}

/** The ratio within each round, so that what slows a round down slows both sides. */
export function ratioOf(numerators: readonly number[], denominators: readonly number[]): Spread {
  return spreadOf(
    numerators.map((numerator, index) => numerator / (denominators[index] ?? Number.NaN)),
  )
}

/** Runs every variant once per round, each round in another order. */
export async function interleave<Name extends string, Sample>(
  names: readonly Name[],
  rounds: number,
  measure: (name: Name) => Promise<Sample>,
): Promise<ReadonlyMap<Name, readonly Sample[]>> {
  const samples = new Map<Name, Sample[]>(names.map((name) => [name, []]))
  for (let index = 0; index < rounds; index += 1) {
    for (let step = 0; step < names.length; step += 1) {
      // Odd rounds run backwards, and each starts elsewhere: no variant always follows the same.
      const offset = (step * (index % 2 === 0 ? 1 : -1) + index) % names.length
      const name = names[(offset + names.length) % names.length]
      if (name !== undefined) samples.get(name)?.push(await measure(name))
    }
  }
  return samples
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
