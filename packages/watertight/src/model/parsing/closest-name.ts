const longestCompared = 64

/** Edits (insert, delete, replace, swap of neighbours) that turn one text into the other. */
function editDistance(left: string, right: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1]
      let best = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      )
      if (left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        best = Math.min(best, (beforePrevious[column - 2] ?? 0) + 1)
      }
      current.push(best)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[right.length] ?? 0
}

/** Letters only: `org_units`, `orgunits` and `orgUnits` are the same slip. */
function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, '')
}

/** The known name that `name` was most likely meant to be, or null when none is close. */
function closestName(name: string, known: readonly string[]): string | null {
  if (name.length > longestCompared) return null
  let closest: string | null = null
  let least = Infinity
  for (const candidate of known) {
    const distance = editDistance(bare(name), bare(candidate))
    if (distance < least && distance <= Math.min(2, Math.floor(candidate.length / 3))) {
      closest = candidate
      least = distance
    }
  }
  return closest
}

/** The sentence that goes behind a complaint about `name`; empty when nothing is close. */
export function didYouMean(name: string, known: readonly string[]): string {
  const closest = closestName(name, known)
  return closest === null ? '' : `; did you mean ${JSON.stringify(closest)}?`
}
