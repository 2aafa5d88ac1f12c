/** The way down of a run, the important half: nothing may rest at the exchange after it, and the books must agree. */
import { engineHash } from '../core/engine.ts'
import { isAllDone } from '../core/upkeep.ts'
import { viewOf } from '../core/view-of.ts'
import { formatSummary, summarise, summaryRecord } from '../ops/summary.ts'
import type { Ending } from './ending.ts'
import { exitCodes } from './exit-codes.ts'
import { say } from './running.ts'
import type { Running } from './running.ts'
import { ourFigures, readVenueFigures } from './venue-figures.ts'

/** Own orders are given this long to end after a stop before the venue's list is worked through, real ms. */
const STOP_PATIENCE_MS = 3_000
/** Fills may be on their way for this long after the last cancel, real ms. */
const SETTLE_PATIENCE_MS = 5_000

/** Stop quoting, cancel all, confirm with the exchange that nothing rests, compare, say how it was. */
export async function takeDown(running: Running, ending: Ending, hurry: Promise<void>): Promise<number> {
  const { log, venue, session, engine, options } = running
  if (ending.kind === 'failed') {
    log.error('stopping: a part of the maker failed', { error: errorText(ending.error) })
    const resting = await venue.cancelAll()
    if (resting > 0) log.error(`${resting} orders still rest at the exchange`)
    return exitCodes.failed
  }
  if (ending.kind === 'killed' && engine.state.killedBecause !== null) {
    log.error(`kill switch: ${engine.state.killedBecause}`)
  }
  const inHurry = hurry.then(() => 'hurry' as const)
  const orderly = stopInOrder(running).then((resting) => ({ resting }))
  const outcome = await Promise.race([inHurry, orderly])
  if (outcome === 'hurry') {
    const resting = await venue.cancelAll()
    log.warn(`left at the second signal with ${resting} orders resting`)
    return exitCodes.interrupted
  }
  if (outcome.resting > 0) log.error(`${outcome.resting} orders still rest at the exchange`)
  const figures = await readVenueFigures(venue, engine, running.apiUrl).catch((error: unknown) => {
    log.error('the exchange could not be asked for its figures', { error: errorText(error) })
    return null
  })
  // After this nothing enters the engine, so that summary, checkpoint and journal end at the same input.
  await session.close()
  await venue.close()
  const view = viewOf(engine)
  const { journal } = running
  journal.append({ kind: 'checkpoint', seq: engine.state.seq, stateHash: engineHash(engine) })
  await journal.close()
  const summary = summarise({
    view,
    ours: figures?.ours ?? ourFigures(engine),
    durationMs: running.engine.state.tsMs - engine.state.epoch,
    requestCounts: venue.requestCounts,
    seed: options.seed,
    configHash: options.config.hash,
    journal: { dir: running.journalDir, hash: running.journal.headHash },
    venue: figures?.venue ?? null,
  })
  say(options, formatSummary, summaryRecord, summary)
  if (ending.kind === 'killed') return exitCodes.killed
  return outcome.resting > 0 ? exitCodes.failed : exitCodes.ok
}

/** @returns how many orders still rest according to the exchange */
async function stopInOrder(running: Running): Promise<number> {
  const { session, engine, venue, log } = running
  session.loop.push({ kind: 'operator', action: 'stop', reason: 'the run ends' })
  const hasEnded = await session.until(() => isAllDone(engine.state), STOP_PATIENCE_MS)
  if (!hasEnded) log.warn('some orders have not ended yet: working through the list of the exchange')
  const resting = await venue.cancelAll()
  // The last fills and the final account state are still wanted in the journal.
  const seen = engine.state.accountTsMs
  session.loop.push({ kind: 'operator', action: 'stop', reason: 'all orders were cancelled' })
  await session.until(() => engine.state.accountTsMs > seen, SETTLE_PATIENCE_MS)
  return resting
}

function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
