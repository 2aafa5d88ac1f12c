/**
 * Fills a recording while a run goes on: listens to the exchange's own events and books, so that what it notes is what
 * happened and not what the maker thinks happened.
 */
import { assert } from '../core/assert.ts'
import type { Approved } from '../core/command.ts'
import { MICRO_TICKS_PER_TICK } from '../core/contracts.ts'
import type { DesiredLevel } from '../core/contracts.ts'
import type { Engine } from '../core/engine.ts'
import { BPS, signOf } from '../core/units.ts'
import type { ExchangeEvent } from '../exchange/event.ts'
import { sampleAccount, type AccountSample } from '../exchange/queries/account.ts'
import { touch } from '../exchange/queries/book.ts'
import { onBlock } from '../simulation/world.ts'
import type { World } from '../simulation/world.ts'
import type { LocalVenue } from '../venues/local/local-venue.ts'
import { addRow, cell } from './columns.ts'
import { DEPTH_BIN_BPS, DEPTH_BINS_MAX, initRecording } from './recording.ts'
import type { DepthBin, Recording } from './recording.ts'

export interface Recorder {
  readonly recording: Recording
  onCommands(commands: readonly Approved[]): void
  /** Ends the listening. */
  stop(): void
}

const TERMS_FIRST_PERIOD_MS = 1_000
/** When so many rows of terms are there, every other one goes and the period doubles. */
const TERMS_ROWS_MAX = 4_096

/** Starts recording with a sample of now. */
export function startRecorder(world: World, venue: LocalVenue, engine: Engine): Recorder {
  const { grid, assetId } = venue.market
  const recording = initRecording({ blockMs: world.blockMs, ...grid })
  const of: Ours = { account: venue.account, assetId, seen: initSample() }
  sample(recording, world, of)
  recording.cashStartMicroUsd = recording.cashEndMicroUsd
  let termsPeriodMs = TERMS_FIRST_PERIOD_MS
  const stop = onBlock(world, (block) => {
    noteResting(recording, of.seen.signedTicks)
    for (const event of block.events) noteEvent(recording, event, of)
    sample(recording, world, of)
    const lastTsMs = recording.terms.at(-1)?.tsMs ?? -Infinity
    if (block.tsMs - lastTsMs >= termsPeriodMs) {
      noteTerms(recording, engine, block.tsMs)
      if (recording.terms.length >= TERMS_ROWS_MAX) {
        const kept = recording.terms.filter((_, index) => index % 2 === 0)
        recording.terms.splice(0, Infinity, ...kept)
        termsPeriodMs *= 2
      }
    }
  })
  return { recording, onCommands: (commands) => noteCommands(recording, commands), stop }
}

interface Ours {
  readonly account: string
  readonly assetId: number
  /** Of the last block; its orders stand until the next. */
  readonly seen: AccountSample
}

function initSample(): AccountSample {
  return { accountValueMicroUsd: 0, rawUsdMicroUsd: 0, positionLots: 0, markTicks: 0, signedTicks: [] }
}

function sample(recording: Recording, world: World, of: Ours): void {
  const { samples } = recording
  const { exchange } = world
  const { seen } = of
  const { bidTicks, askTicks } = touch(exchange, of.assetId)
  const isTwoSided = bidTicks > 0 && askTicks > 0
  const lastMid = samples.length === 0 ? 0 : cell(samples, 'midTicks', samples.length - 1)
  sampleAccount(exchange, of.account, of.assetId, seen)
  let ownBidTicks = 0
  let ownAskTicks = 0
  for (const signedTicks of seen.signedTicks) {
    if (signedTicks > 0) ownBidTicks = Math.max(ownBidTicks, signedTicks)
    else ownAskTicks = ownAskTicks === 0 ? -signedTicks : Math.min(ownAskTicks, -signedTicks)
  }
  const row = addRow(samples)
  const { data } = samples
  data.tsMs[row] = world.nowTsMs
  data.midTicks[row] = isTwoSided ? (bidTicks + askTicks) / 2 : lastMid === 0 ? seen.markTicks : lastMid
  data.markTicks[row] = seen.markTicks
  data.bestBidTicks[row] = bidTicks
  data.bestAskTicks[row] = askTicks
  data.ownBidTicks[row] = ownBidTicks
  data.ownAskTicks[row] = ownAskTicks
  data.positionLots[row] = seen.positionLots
  data.equityMicroUsd[row] = seen.accountValueMicroUsd
  recording.cashEndMicroUsd = seen.rawUsdMicroUsd
}

/** @param resting prices of our orders, asks negative */
function noteResting(recording: Recording, resting: readonly number[]): void {
  const midTicks = cell(recording.samples, 'midTicks', recording.samples.length - 1)
  for (const signedTicks of resting) {
    const distanceTicks = signedTicks > 0 ? midTicks - signedTicks : -signedTicks - midTicks
    const bin = depthBinOf(recording, distanceTicks, midTicks)
    if (bin !== null) bin.restedMs += recording.blockMs
  }
}

export function depthBinOf(recording: Recording, distanceTicks: number, midTicks: number): DepthBin | null {
  const index = Math.floor(distanceTicks / midTicks / BPS / DEPTH_BIN_BPS)
  return index >= 0 && index < DEPTH_BINS_MAX ? (recording.depthBins[index] ?? null) : null
}

function noteEvent(recording: Recording, event: ExchangeEvent, of: Ours): void {
  if (event.kind === 'fill' && event.account === of.account && event.assetId === of.assetId) {
    const sampleIndex = recording.samples.length - 1
    const midTicks = cell(recording.samples, 'midTicks', sampleIndex)
    const { tsMs, tid, oid, side, priceTicks, sizeLots, feeMicroUsd, crossed } = event
    const liquidation = event.liquidation !== null && event.liquidation.account === of.account
    recording.fills.push({
      ...{ tsMs, sampleIndex, tid, oid, side, priceTicks, sizeLots, feeMicroUsd, crossed },
      liquidation,
      midTicks,
    })
    if (crossed) return
    const bin = depthBinOf(recording, signOf(side) * (midTicks - priceTicks), midTicks)
    if (bin !== null) bin.fills += 1
  } else if (event.kind === 'funding' && event.account === of.account && event.assetId === of.assetId) {
    recording.funding.push({ tsMs: event.tsMs, amountMicroUsd: event.amountMicroUsd })
  } else if (event.kind === 'liquidation' && event.account === of.account) {
    recording.liquidationCount += 1
  }
}

export function noteTerms(recording: Recording, engine: Engine, tsMs: number): void {
  const { ladder } = engine.state
  const { fairMicroTicks } = ladder
  assert(fairMicroTicks === 0 || fairMicroTicks > MICRO_TICKS_PER_TICK, 'a fair price is above a tick')
  recording.terms.push({
    tsMs,
    bidBps: ladder.bidCount === 0 ? null : termsBpsOf(ladder.bids[0], fairMicroTicks),
    askBps: ladder.askCount === 0 ? null : termsBpsOf(ladder.asks[0], fairMicroTicks),
  })
}

function termsBpsOf(level: DesiredLevel | undefined, fairMicroTicks: number): number[] | null {
  if (level === undefined || fairMicroTicks === 0) return null
  const bps: number[] = []
  for (const term of level.termsMicroTicks) bps.push(term / fairMicroTicks / BPS)
  return bps
}

export function noteCommands(recording: Recording, commands: readonly Approved[]): void {
  const { requests } = recording
  for (const command of commands) {
    if (command.kind === 'place') requests.places += 1
    else if (command.kind === 'modify') requests.modifies += 1
    else if (command.kind === 'cancel') requests.cancels += 1
    else if (command.kind !== 'resync') requests.others += 1
    if (command.kind === 'place' || command.kind === 'modify') requests.shownLots += command.order.sizeLots
  }
}
