/**
 * How much later than usual a book message comes. Two clocks cannot be compared, but the quickest way of the last minutes can:
 * what takes longer than it waited somewhere, in a socket while this process slept or on a line that is full.
 *
 * in      our time and the venue's of each book and touch
 * out     ms beyond the quickest of the last five to ten minutes (≥ 0)
 * state   two minima; forgotten at each connection, since a restarted venue may begin at another time
 */

/** A step of either clock is the new normal after this or at most twice this, ms. */
const WINDOW_MS = 300_000

export interface BookDelay {
  windowTsMs: number
  /** Least difference of our time and the venue's in this window and in the one before; null without messages. */
  leastMs: number | null
  leastBeforeMs: number | null
}

export function initBookDelay(): BookDelay {
  return { windowTsMs: 0, leastMs: null, leastBeforeMs: null }
}

export function forgetDelays(delay: BookDelay): void {
  delay.leastMs = null
  delay.leastBeforeMs = null
}

/** @returns our clock less the venue's by the quickest message of the last minutes, ms; null without any */
export function leastDelayMs({ leastMs, leastBeforeMs }: BookDelay): number | null {
  if (leastMs === null) return leastBeforeMs
  return Math.min(leastMs, leastBeforeMs ?? leastMs)
}

/** @returns ms later than the quickest message, ≥ 0 */
export function noteDelay(
  delay: BookDelay,
  arrival: { readonly tsMs: number },
  message: { readonly venueTsMs: number },
): number {
  const { tsMs } = arrival
  const differenceMs = tsMs - message.venueTsMs
  if (tsMs - delay.windowTsMs >= WINDOW_MS) {
    // After a silence longer than a window the last one that had messages still counts.
    if (delay.leastMs !== null) delay.leastBeforeMs = delay.leastMs
    delay.leastMs = null
    delay.windowTsMs = tsMs
  }
  delay.leastMs = Math.min(delay.leastMs ?? differenceMs, differenceMs)
  return differenceMs - Math.min(delay.leastMs, delay.leastBeforeMs ?? delay.leastMs)
}
