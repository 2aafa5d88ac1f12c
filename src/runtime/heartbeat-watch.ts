/**
 * Has the heartbeat stopped? Judged by our own monotone clock and by the counter in the beat, never by the time of a file: neither
 * a jump of the clock nor our own sleep may look like somebody's death.
 *
 * state   the last beat, and when it was new
 */
import type { Beat } from './heartbeat.ts'

/** `waiting`: no beat was ever seen; `ended`: the run said that it is over. */
export type HeartbeatVerdict = 'waiting' | 'fresh' | 'ended' | 'stopped'

export interface HeartbeatWatch {
  last: Beat | null
  newAtMs: number
  lookedAtMs: number | null
}

export function initHeartbeatWatch(): HeartbeatWatch {
  return { last: null, newAtMs: 0, lookedAtMs: null }
}

/**
 * @param beat what is there now; null: nothing, which after a beat means that it has stopped
 * @param nowMs of a monotone clock
 * @param graceMs without a new beat for this long it has stopped; > 0
 */
export function lookAtBeat(
  watch: HeartbeatWatch,
  beat: Beat | null,
  nowMs: number,
  graceMs: number,
): HeartbeatVerdict {
  const sleptMs = nowMs - (watch.lookedAtMs ?? nowMs)
  watch.lookedAtMs = nowMs
  const isNew = beat !== null && (beat.epoch !== watch.last?.epoch || beat.count !== watch.last.count)
  // We looked away for long (a suspended machine): the maker may have slept as well, and gets its whole grace again.
  if (isNew || sleptMs >= graceMs) watch.newAtMs = nowMs
  if (isNew) watch.last = beat
  if (watch.last === null) return 'waiting'
  if (watch.last.state === 'ended') return 'ended'
  return nowMs - watch.newAtMs >= graceMs ? 'stopped' : 'fresh'
}
