/** The kill switch across runs: set on disk the moment it trips, applied at the next start, removed by a reset alone. */
import { clearLatch, latchPath, readLatch, writeLatch } from '../runtime/latch.ts'
import type { Running } from './running.ts'

/**
 * A kill switch that an earlier run set holds in this one and ends it; with a reset the run begins without it, and the journal
 * has the reset, and what it took back, before the file is gone.
 */
export async function applyLatch(running: Running): Promise<void> {
  const { options, venue, session, log, journal } = running
  const path = latchPathOf(running)
  const latch = readLatch(path)
  if (latch === null) return
  const { coin } = venue.market
  if (options.resetKill === null) {
    log.error(`the kill switch of ${coin} is set: ${latch.because}`)
    log.error('look into it, then start with --reset-kill REASON')
    session.loop.push({ kind: 'operator', action: 'kill', reason: latch.because })
    return
  }
  const reason = `${options.resetKill} (the kill switch was set: ${latch.because})`
  session.loop.push({ kind: 'operator', action: 'resetKill', reason })
  await journal.durable()
  clearLatch(path)
  log.warn(`the kill switch of ${coin} was reset: ${reason}`)
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
