/** The way down of a run, the important half: nothing may rest at the exchange after it, and the books must agree. */
import { engineHash } from '../core/engine.ts'
import { flattenStage } from '../core/flatten.ts'
import { isAllDone } from '../core/upkeep.ts'
import { viewOf } from '../core/view-of.ts'
import { formatSummary, summarise, summaryRecord } from '../ops/summary.ts'
import type { Ending } from './ending.ts'
import { exitCodes } from './exit-codes.ts'
import { paperFigures } from './paper.ts'
import { keepLatchAfterFailure, latchPathOf } from './run-latch.ts'
import { say } from './running.ts'
import type { Running } from './running.ts'
import { ourFigures, readVenueFigures } from './venue-figures.ts'
import type { SessionFigures } from './venue-figures.ts'

/** Own orders are given this long to end after a stop before the venue's list is worked through, real ms. */
const STOP_PATIENCE_MS = 3_000
/** Fills may be on their way for this long after the last cancel, real ms. */
const SETTLE_PATIENCE_MS = 5_000

/** How it ended, and how many of our orders rest at the exchange after it. */
export interface TakenDown {
  readonly exitCode: number
  readonly restingCount: number
}

/**
 * Stop quoting, cancel all, confirm with the exchange that nothing rests, compare, say how it was.
 * @throws VenueError UNREACHABLE when it cannot be confirmed
 */
export async function takeDown(running: Running, ending: Ending, hurry: Promise<void>): Promise<TakenDown> {
  const { log, venue, session, engine, options } = running
  if (ending.kind === 'failed') {
    log.error('stopping: a part of the maker failed', { error: errorText(ending.error) })
    const path = latchPathOf(running)
    keepLatchAfterFailure({ path, error: ending.error, nowMs: running.clock.nowMs(), log })
    const resting = await venue.cancelAll()
    if (resting > 0) log.error(`${resting} orders still rest at the exchange`)
    return { exitCode: exitCodes.failed, restingCount: resting }
  }
  if (ending.kind === 'killed' && engine.state.killedBecause !== null) {
    log.error(`kill switch: ${engine.state.killedBecause}`)
  }
  const inHurry = hurry.then(() => 'hurry' as const)
  const orderly = stopInOrder(running, ending).then((resting) => ({ resting }))
  const outcome = await Promise.race([inHurry, orderly])
  if (outcome === 'hurry') {
    const resting = await venue.cancelAll()
    log.warn(`left at the second signal with ${resting} orders resting`)
    return { exitCode: exitCodes.interrupted, restingCount: resting }
  }
  if (outcome.resting > 0) log.error(`${outcome.resting} orders still rest at the exchange`)
  const figures = await figuresOf(running)
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
    killTookMs: running.killTimer.tookMs,
    isPaper: running.paper !== null,
  })
  say(options, formatSummary, summaryRecord, summary)
  const exitCode = outcome.resting > 0 ? exitCodes.failed : exitCodes.ok
  return {
    exitCode: ending.kind === 'killed' ? exitCodes.killed : exitCode,
    restingCount: outcome.resting,
  }
}

/** Both sides' figures; null when the exchange could not be asked. */
async function figuresOf({ paper, venue, engine, apiUrl, log }: Running): Promise<SessionFigures | null> {
  if (paper !== null) return paperFigures(paper.venue.paper, paper.terms, engine)
  return readVenueFigures(venue, engine, apiUrl).catch((error: unknown) => {
    log.error('the exchange could not be asked for its figures', { error: errorText(error) })
    return null
  })
}

/** @returns how many orders still rest according to the exchange */
async function stopInOrder(running: Running, ending: Ending): Promise<number> {
  const { session, engine, venue, log } = running
  if (ending.kind === 'killed') await closePosition(running)
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

/** By policy, a killed run closes its position before it ends; how far that went is said either way. */
async function closePosition(running: Running): Promise<void> {
  const { session, engine, log, clock, venue } = running
  const { settings } = engine.parts
  const stage = (): ReturnType<typeof flattenStage> => flattenStage(engine.state, settings)
  if (stage() === 'off') return
  const before = engine.state.ledger.positionLots
  log.warn('closing the position by reduce-only orders', { lots: before })
  const limitMs = settings.killFlattenMs / clock.speed + SETTLE_PATIENCE_MS
  await session.until(() => stage() === 'flat' || stage() === 'gaveUp', limitMs)
  const left = engine.state.ledger.positionLots
  if (stage() === 'flat') log.warn('the position is closed', { orders: engine.state.flatten.orderCount })
  else
    log.error(`the position of ${venue.market.coin} is NOT closed: close it by hand`, { lots: left, before })
}

function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
