/** The sentence that names the known word an unknown one was probably meant to be, or ''. */
export function didYouMean(word: string, known: readonly string[], prefix = ''): string {
  if (word.length > 40) return ''
  let closest = ''
  let least = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const isStart = word.length >= 3 && candidate.startsWith(word)
    const distance = isStart ? 1 : editDistance(word, candidate)
    if (distance < least) {
      least = distance
      closest = candidate
    }
  }
  return closest === '' ? '' : `; did you mean ${prefix}${closest}?`
}

/** Letters inserted, deleted, replaced or swapped with their neighbour. */
function editDistance(left: string, right: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (const [row, letter] of [...left].entries()) {
    const current = [row + 1]
    for (let column = 1; column <= right.length; column += 1) {
      const isSwap = letter === right[column - 2] && left[row - 1] === right[column - 1]
      current.push(
        Math.min(
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (previous[column - 1] ?? 0) + (letter === right[column - 1] ? 0 : 1),
          isSwap ? (beforePrevious[column - 2] ?? 0) + 1 : Infinity,
        ),
      )
    }
    beforePrevious = previous
    previous = current
  }
  return previous[right.length] ?? 0
}
