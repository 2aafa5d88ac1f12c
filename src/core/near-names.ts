/**
 * Which known names a misspelt one may have meant: for coins, DEXs, config keys, commands and flags.
 *
 * Optimal string alignment distance (insert, delete, replace, swap neighbours), letter case ignored.
 */

/** One slip, and one more for each six letters: a guess farther away is noise rather than help. */
const LETTERS_PER_SLIP = 6

/**
 * @param name       what was written
 * @param candidates what exists; their order breaks ties
 * @param countMax   the most names to return
 * @returns near names, nearest first; empty when nothing is near
 */
export function nearNames(name: string, candidates: readonly string[], countMax: number): string[] {
  const wanted = name.toLowerCase()
  const scored: { readonly name: string; readonly distance: number }[] = []
  for (const candidate of candidates) {
    const known = candidate.toLowerCase()
    const distance = isPartOf(wanted, known) ? 1 : alignmentDistance(wanted, known)
    const distanceMax = 1 + Math.floor(Math.max(wanted.length, known.length) / LETTERS_PER_SLIP)
    if (distance <= distanceMax) scored.push({ name: candidate, distance })
  }
  // `sort` is stable, so that equal distances keep the order of the candidates.
  scored.sort((left, right) => left.distance - right.distance)
  const nearest = scored[0]?.distance ?? 0
  const near = scored.filter((entry) => entry.distance <= nearest + 1)
  return near.slice(0, countMax).map((entry) => entry.name)
}

/** `latency` is near `quote_update_latency_ms`: people remember the middle of a name. */
function isPartOf(wanted: string, known: string): boolean {
  return wanted !== known && wanted.length >= 3 && known.includes(wanted)
}

function alignmentDistance(left: string, right: string): number {
  let beforeLast: number[] = []
  let last: number[] = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row += 1) {
    const current: number[] = [row]
    for (let column = 1; column <= right.length; column += 1) {
      const replaced = left[row - 1] === right[column - 1] ? 0 : 1
      let best = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + replaced)
      const isSwap =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      if (isSwap) best = Math.min(best, at(beforeLast, column - 2) + 1)
      current.push(best)
    }
    beforeLast = last
    last = current
  }
  return at(last, right.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.MAX_SAFE_INTEGER
}
