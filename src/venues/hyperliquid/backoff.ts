/** When to try again: exponential with jitter, and never more connections a minute than the venue's budget. */
import { CONNECTIONS_PER_MINUTE_MAX } from './options.ts'

const MINUTE_MS = 60_000

export interface Backoff {
  readonly delayMsMin: number
  readonly delayMsMax: number
  /** 0…1; `Math.random` unless a test brings its own. */
  readonly draw: () => number
  failureCount: number
  /** Times of the connections of the last minute, oldest first. */
  readonly recentTsMs: number[]
}

export function initBackoff(of: {
  readonly delayMsMin: number
  readonly delayMsMax: number
  readonly draw?: () => number
}): Backoff {
  return { ...of, draw: of.draw ?? Math.random, failureCount: 0, recentTsMs: [] }
}

export function noteConnection(backoff: Backoff, nowMs: number): void {
  backoff.recentTsMs.push(nowMs)
  if (backoff.recentTsMs.length > CONNECTIONS_PER_MINUTE_MAX) backoff.recentTsMs.shift()
}

/** The wait before the next connection, ms: doubles with each failure; half of it is chance. */
export function nextDelayMs(backoff: Backoff, nowMs: number): number {
  const fullMs = Math.min(backoff.delayMsMin * 2 ** Math.min(backoff.failureCount, 30), backoff.delayMsMax)
  backoff.failureCount += 1
  const jitteredMs = fullMs / 2 + (fullMs / 2) * backoff.draw()
  const oldestTsMs = backoff.recentTsMs[0]
  const isSpent = backoff.recentTsMs.length === CONNECTIONS_PER_MINUTE_MAX
  const budgetMs = isSpent && oldestTsMs !== undefined ? oldestTsMs + MINUTE_MS - nowMs : 0
  return Math.max(jitteredMs, budgetMs)
}
