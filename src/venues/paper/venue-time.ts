/**
 * What time it is at the venue, from the times on its messages: the two clocks may differ by more than the way takes.
 *
 * in      each message's venue time and our time of receipt
 * out     the venue's time now, as if the fastest message of the last minute or two had taken no time at all
 * state   two minima
 */
export interface VenueTime {
  /** Least receipt − venue time of the running minute and of the one before, ms; null: nothing was heard in it. */
  leastMs: number | null
  leastBeforeMs: number | null
  windowStartMs: number
}

const WINDOW_MS = 60_000

export function initVenueTime(): VenueTime {
  return { leastMs: null, leastBeforeMs: null, windowStartMs: 0 }
}

export function noteVenueTime(time: VenueTime, venueTsMs: number, nowMs: number): void {
  if (nowMs - time.windowStartMs >= WINDOW_MS) {
    time.leastBeforeMs = time.leastMs
    time.leastMs = null
    time.windowStartMs = nowMs
  }
  const differenceMs = nowMs - venueTsMs
  time.leastMs = time.leastMs === null ? differenceMs : Math.min(time.leastMs, differenceMs)
}

/** Our own time before anything was heard. */
export function venueNowMs(time: VenueTime, nowMs: number): number {
  const { leastMs, leastBeforeMs } = time
  if (leastMs === null) return nowMs - (leastBeforeMs ?? 0)
  return nowMs - (leastBeforeMs === null ? leastMs : Math.min(leastMs, leastBeforeMs))
}
