/** Counts frames that could not be read, and says what to do about one: a single one may have hidden a fact of the account. */
import { BAD_FRAME_RESYNC_MS_MIN, BAD_FRAMES_PER_MINUTE_MAX } from './options.ts'

const MINUTE_MS = 60_000

export interface BadFrames {
  totalCount: number
  /** Times within the last minute, oldest first; at most `BAD_FRAMES_PER_MINUTE_MAX` + 1. */
  recentMs: number[]
  lastResyncMs: number
}

export function initBadFrames(): BadFrames {
  return { totalCount: 0, recentMs: [], lastResyncMs: Number.NEGATIVE_INFINITY }
}

/** `giveUp`: this venue cannot be read, the connection must end; `resync`: ask for the account's truth; `drop`: enough. */
export function noteBadFrame(frames: BadFrames, nowMs: number): 'drop' | 'resync' | 'giveUp' {
  frames.totalCount += 1
  frames.recentMs = frames.recentMs.filter((ms) => nowMs - ms < MINUTE_MS)
  frames.recentMs.push(nowMs)
  if (frames.recentMs.length > BAD_FRAMES_PER_MINUTE_MAX) {
    frames.recentMs = []
    return 'giveUp'
  }
  if (nowMs - frames.lastResyncMs < BAD_FRAME_RESYNC_MS_MIN) return 'drop'
  frames.lastResyncMs = nowMs
  return 'resync'
}
