/**
 * Watches that books come: an open socket, and even answered pings, prove nothing about one subscription. The age of the
 * book is judged, not the trades: a quiet market has no trades, but its books go on.
 */
import { BOOK_SILENCE_MS_MAX } from './options.ts'

const LOOKS_PER_SILENCE = 8

export interface BookWatchEvents {
  /** Book frames so far. */
  readonly bookCount: () => number
  /** No book for the allowed time: said once until books come again. */
  readonly onSilent: () => void
  /** No book for twice that time; the watch has ended. */
  readonly onDead: (silentMs: number) => void
}

/** @returns the way to end the watch */
export function watchBooks(silenceMsMax: number | undefined, events: BookWatchEvents): () => void {
  const limitMs = silenceMsMax ?? BOOK_SILENCE_MS_MAX
  let lastCount = events.bookCount()
  let lastMs = performance.now()
  let isTold = false
  const timer = setInterval(() => {
    const nowMs = performance.now()
    const count = events.bookCount()
    if (count !== lastCount) {
      lastCount = count
      lastMs = nowMs
      isTold = false
      return
    }
    if (nowMs - lastMs >= 2 * limitMs) {
      clearInterval(timer)
      events.onDead(Math.round(nowMs - lastMs))
    } else if (nowMs - lastMs >= limitMs && !isTold) {
      isTold = true
      events.onSilent()
    }
  }, limitMs / LOOKS_PER_SILENCE)
  return () => clearInterval(timer)
}
