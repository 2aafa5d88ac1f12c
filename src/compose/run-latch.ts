/** The kill switch across runs: what an earlier one set is applied at the start and removed by a reset alone; a failed write sets it. */
import { clearLatch, clearReset, latchPath, readLatch, readReset, writeLatch } from '../runtime/latch.ts'
import { JournalError } from '../journal/errors.ts'
import type { Log } from '../ops/log.ts'
import { stateRootOf } from './paper.ts'
import type { Running } from './running.ts'

/**
 * A kill switch that an earlier run set holds in this one and ends it; with a reset the run begins without it, and the journal
 * has the reset, and what it took back, before the file is gone.
 */
export async function applyLatch(running: Running): Promise<void> {
  const { options, venue, session, log, journal } = running
  const path = latchPathOf(running)
  const latch = readLatch(path)
  if (latch === null) return journalReset(running, path)
  const { coin } = venue.market
  if (options.resetKill === null) {
    log.error(`the kill switch of ${coin} is set: ${latch.because}`)
    log.error(
      'look into it, then clear it: hypermake kill --reset --reason …, or start with --reset-kill REASON',
    )
    session.loop.push({ kind: 'operator', action: 'kill', reason: latch.because })
    return
  }
  const reason = `${options.resetKill} (the kill switch was set: ${latch.because})`
  session.loop.push({ kind: 'operator', action: 'resetKill', reason })
  await journal.durable()
  clearLatch(path)
  log.warn(`the kill switch of ${coin} was reset: ${reason}`)
}

/** What `hypermake kill --reset` was told becomes part of this run's record. */
async function journalReset(running: Running, path: string): Promise<void> {
  const reset = readReset(path)
  if (reset === null) return
  running.session.loop.push({ kind: 'operator', action: 'resetKill', reason: reset.because })
  await running.journal.durable()
  clearReset(path)
  running.log.warn(`the kill switch was reset by hand: ${reset.because}`)
}

/** Where this run's switch lies. */
export function latchPathOf({ options, venue }: Pick<Running, 'options' | 'venue'>): string {
  const { network, coin } = venue.market
  return latchPath({ root: stateRootOf(options), network, coin })
}

/**
 * A failed write trips the switch: nobody can say what was sent, so no later run may go on as if nothing had been. Other failures
 * end the run alone.
 */
export function keepLatchAfterFailure(of: {
  readonly path: string
  readonly error: unknown
  readonly nowMs: number
  readonly log: Log
}): void {
  const { path, error, nowMs, log } = of
  if (!(error instanceof JournalError)) return
  const because = `the journal failed: ${error.message}`
  try {
    writeLatch(path, { because, tsMs: nowMs })
    log.error(`kill switch: ${because}`)
  } catch (cause) {
    log.error('the kill switch could not be kept on disk', { because: String(cause) })
  }
}
