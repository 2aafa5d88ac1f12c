/** The kill switch across runs: set on disk the moment it trips, applied at the next start, removed by a reset alone. */
import { clearLatch, latchPath, readLatch, writeLatch } from '../runtime/latch.ts'
import type { Running } from './running.ts'

/** A kill switch that an earlier run set holds in this one, unless the operator resets it; both are journalled. */
export function applyLatch(running: Running): void {
  const { options, venue, session, log } = running
  const path = latchPathOf(running)
  const latch = readLatch(path)
  if (latch === null) return
  session.loop.push({ kind: 'operator', action: 'kill', reason: latch.because })
  if (options.resetKill === null) {
    log.error(`the kill switch of ${venue.market.coin} is set: ${latch.because}`)
    return
  }
  session.loop.push({ kind: 'operator', action: 'resetKill', reason: options.resetKill })
  clearLatch(path)
  log.warn(`the kill switch was reset: ${options.resetKill}`)
}

function latchPathOf(running: Running): string {
  const { network, coin } = running.venue.market
  return latchPath({ root: running.options.config.values.journal.dir, network, coin })
}

/** Puts the tripped switch on disk; must happen before anything else can end the process. */
export function keepLatch(running: Running): void {
  const { killedBecause, tsMs } = running.engine.state
  if (killedBecause !== null) writeLatch(latchPathOf(running), { because: killedBecause, tsMs })
}
