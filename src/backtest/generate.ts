/**
 * A recording of a simulated market, made by watching it as a recorder would: what it holds can be played, checked and
 * exported like a recording of a real one. The same options give the same bytes.
 */
import type { Grid } from '../core/units.ts'
import type { VenueSpec } from '../exchange/instrument.ts'
import { bookSnapshot, type BookSnapshot } from '../exchange/queries/book.ts'
import { onBlock, runUntil } from '../simulation/world.ts'
import type { ScenarioChoice } from '../simulation/scenarios.ts'
import { openStage } from './stage.ts'
import { levelText, openTapeWriter } from './tape-format.ts'
import type { TapeLevelText } from './tape-format.ts'

export interface GenerateOptions {
  /** DEXs and markets of the exchange. */
  readonly spec: VenueSpec
  readonly coin: string
  readonly scenario: ScenarioChoice
  readonly seed: number
  readonly minutes: number
  readonly blockMs: number
  /** Ends in `.gz`, or is plain text. */
  readonly path: string
  readonly onProgress?: (playedMs: number) => void
}

const LEVELS_MAX = 1_000
const MS_PER_MINUTE = 60_000
const SLICE_MS = 1_000
const NS_PER_MS = 1_000_000n

/** @returns lines written. @throws SimulationError for an unknown market or scenario, or a file that cannot be made */
export function generateTape(options: GenerateOptions): number {
  const { coin, path } = options
  const { world, venue, startTsMs } = openStage({ ...options, depositMicroUsd: 1 })
  const { assetId, grid } = venue.market
  const writer = openTapeWriter(path, `${coin.slice(coin.indexOf(':') + 1)}USDT`)
  const read = (): BookSnapshot => bookSnapshot(world.exchange, assetId, LEVELS_MAX)
  let updateId = 1
  let bids = sideOf(read().bids)
  let asks = sideOf(read().asks)
  const firstNs = BigInt(world.nowTsMs) * NS_PER_MS
  writer.snapshot(firstNs, updateId, textsOf(bids, grid), textsOf(asks, grid))
  const stop = onBlock(world, (block) => {
    // The frames of a block come one microsecond apart: trades, then the book they left.
    let tsNs = BigInt(block.tsMs) * NS_PER_MS
    const next = (): bigint => (tsNs += 1_000n)
    for (const event of block.events) {
      if (event.kind !== 'trade' || event.assetId !== assetId) continue
      writer.trade(next(), event.tid, event.aggressor, levelText(event.priceTicks, event.sizeLots, grid))
    }
    const book = read()
    const bidsNow = sideOf(book.bids)
    const asksNow = sideOf(book.asks)
    const bidChanges = changesOf(bids, bidsNow, grid)
    const askChanges = changesOf(asks, asksNow, grid)
    bids = bidsNow
    asks = asksNow
    if (bidChanges.length + askChanges.length === 0) return
    updateId += 1
    writer.depth(next(), updateId, bidChanges, askChanges)
    const [bid, ask] = [book.bids[0], book.asks[0]]
    if (bid === undefined || ask === undefined) return
    writer.touch(
      next(),
      updateId,
      levelText(bid.priceTicks, bid.sizeLots, grid),
      levelText(ask.priceTicks, ask.sizeLots, grid),
    )
  })
  const endTsMs = startTsMs + options.minutes * MS_PER_MINUTE
  while (world.nowTsMs < endTsMs) {
    runUntil(world, Math.min(world.nowTsMs + Math.max(SLICE_MS, world.blockMs), endTsMs + world.blockMs))
    options.onProgress?.(world.nowTsMs - startTsMs)
  }
  stop()
  return writer.close()
}

/** Price in ticks → lots. */
type Side = ReadonlyMap<number, number>

function sideOf(levels: BookSnapshot['bids']): Side {
  return new Map(levels.map(({ priceTicks, sizeLots }) => [priceTicks, sizeLots]))
}

function textsOf(side: Side, grid: Grid): TapeLevelText[] {
  return [...side].map(([priceTicks, sizeLots]) => levelText(priceTicks, sizeLots, grid))
}

function changesOf(before: Side, now: Side, grid: Grid): TapeLevelText[] {
  const changes: TapeLevelText[] = []
  for (const [priceTicks, lots] of now) {
    if (before.get(priceTicks) !== lots) changes.push(levelText(priceTicks, lots, grid))
  }
  for (const priceTicks of before.keys()) {
    if (!now.has(priceTicks)) changes.push(levelText(priceTicks, 0, grid))
  }
  return changes
}
