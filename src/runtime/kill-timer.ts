/**
 * How long the kill switch takes: from the moment a trigger is seen to the moment the last cancel is handed to the network.
 * What the venue then needs is its own; `cancelAll` confirms it.
 */

export interface KillTimer {
  /** The first trigger counts; @param atMs of `performance.now()` */
  trigger(atMs: number): void
  /** A cancel left for the venue at this moment; before the first trigger it means nothing. */
  cancelSent(atMs: number): void
  /** ms from the trigger to the last cancel so far; null before both. */
  readonly tookMs: number | null
  readonly isTriggered: boolean
}

export function createKillTimer(): KillTimer {
  let triggeredMs: number | null = null
  let lastCancelMs: number | null = null
  return {
    trigger(atMs) {
      triggeredMs ??= atMs
    },
    cancelSent(atMs) {
      if (triggeredMs !== null) lastCancelMs = Math.max(atMs, triggeredMs)
    },
    get tookMs() {
      return triggeredMs === null || lastCancelMs === null ? null : lastCancelMs - triggeredMs
    },
    get isTriggered() {
      return triggeredMs !== null
    },
  }
}
