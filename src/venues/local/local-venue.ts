/**
 * The embedded exchange as a venue in the same process and in virtual time: no sockets, no strings, the same inputs in the
 * same order as the wire gives them. For tests, backtests and comparisons; a rehearsal over the wire uses the Hyperliquid
 * adapter.
 *
 * in      blocks of a world; commands of the maker, which join the next block
 * out     inputs, oldest first, taken by the runner after each block
 */
import { assert } from '../../core/assert.ts'
import type { Approved } from '../../core/command.ts'
import type { AccountInput, RawInput } from '../../core/input.ts'
import type { MarketSpec } from '../../core/market.ts'
import type { Capital } from '../../core/risk/limits.ts'
import type { Instrument } from '../../exchange/instrument.ts'
import { accountState } from '../../exchange/queries/account.ts'
import { flatSide, touch, type Touch } from '../../exchange/queries/book.ts'
import { pricesOf } from '../../exchange/queries/market.ts'
import { feeRates } from '../../exchange/queries/money.ts'
import { openOrders } from '../../exchange/queries/orders.ts'
import { onBlock } from '../../simulation/world.ts'
import type { World } from '../../simulation/world.ts'
import { regridTicks } from '../../core/units.ts'
import { pushInputs } from './event-inputs.ts'
import { sendToWorld } from './send.ts'

export interface LocalVenueOptions {
  readonly world: World
  readonly instrument: Instrument
  readonly account: string
  /** Name of the DEX; '' is the main one. */
  readonly dex: string
  readonly collateral: string
  /** Another market whose mid is told besides, or that mid in dollars, 0: not yet; left out: none. */
  readonly reference?: Instrument | (() => number)
}

export interface LocalVenue {
  readonly market: MarketSpec
  readonly account: string
  /** Of the account, as it was when the venue was opened. */
  readonly capital: Capital
  /** Puts the commands into the next block; their answers come with its inputs. */
  send(commands: readonly Approved[]): void
  /** What happened since the last call, in order; the inputs are the caller's, who may stamp them. */
  takeInputs(): RawInput[]
}

/** Snapshots come at least this far apart, as on the venue; the touch comes with every change. */
const BOOK_PERIOD_MS = 500
const BOOK_LEVELS_SHOWN = 20
const MIN_NOTIONAL_MICRO_USD = 10_000_000

export function openLocalVenue(options: LocalVenueOptions): LocalVenue {
  const { world, account, instrument } = options
  const { assetId } = instrument
  const market = marketOf(options)
  let lastReferenceTicks = 0
  const tellReference = (): RawInput[] => {
    const midTicks = referenceTicks(options)
    if (midTicks === 0 || midTicks === lastReferenceTicks) return []
    lastReferenceTicks = midTicks
    return [{ kind: 'reference', venueTsMs: world.nowTsMs, midTicks }]
  }
  let inputs: RawInput[] = [
    ...marketInputs(world, assetId),
    ...tellReference(),
    accountInput(options),
    { kind: 'connection', up: true, text: 'in process' },
  ]
  let lastBookTsMs = world.nowTsMs
  let lastTouch = touch(world.exchange, assetId)
  onBlock(world, (block) => {
    for (const event of block.events) pushInputs(event, assetId, account, inputs)
    const shown = touch(world.exchange, assetId)
    if (block.tsMs - lastBookTsMs >= BOOK_PERIOD_MS) {
      inputs.push(...marketInputs(world, assetId))
      lastBookTsMs = block.tsMs
    } else if (!isSameTouch(shown, lastTouch)) inputs.push(touchInput(world, shown))
    lastTouch = shown
    for (const told of tellReference()) inputs.push(told)
  })
  return {
    market,
    account,
    capital: capitalOf(options),
    send(commands) {
      sendToWorld(world, { account, assetId }, commands, (input) => inputs.push(input))
      // The sample is taken at once: nothing can happen between two blocks.
      if (commands.some((command) => command.kind === 'resync')) inputs.push(accountInput(options))
    },
    takeInputs() {
      const taken = inputs
      inputs = []
      return taken
    },
  }
}

function marketOf(options: LocalVenueOptions): MarketSpec {
  const { world, account, instrument, dex, collateral } = options
  const rates = feeRates(world.exchange, account, instrument.assetId)
  return {
    network: 'local',
    dex,
    coin: instrument.coin,
    assetId: instrument.assetId,
    grid: instrument.grid,
    maxLeverage: instrument.marginTiers[0]?.maxLeverage ?? 0,
    marginMode: instrument.marginPolicy === 'normal' ? 'cross' : 'isolated',
    ...(instrument.marginPolicy === 'strictIsolated' ? { isStrictIsolated: true } : {}),
    collateral,
    makerFeePpb: rates.makerPpb,
    takerFeePpb: rates.takerPpb,
    minNotionalMicroUsd: MIN_NOTIONAL_MICRO_USD,
  }
}

function capitalOf({ world, account, instrument }: LocalVenueOptions): Capital {
  const { whole } = accountState(world.exchange, account, instrument.dexIndex)
  const { oracleTicks } = pricesOf(world.exchange, instrument.assetId)
  return { equityMicroUsd: whole.accountValueMicroUsd, priceTicks: oracleTicks }
}

function marketInputs(world: World, assetId: number): RawInput[] {
  const { exchange, nowTsMs } = world
  const bids = flatSide(exchange, assetId, 'bids', BOOK_LEVELS_SHOWN)
  const asks = flatSide(exchange, assetId, 'asks', BOOK_LEVELS_SHOWN)
  return [
    { kind: 'context', ...pricesOf(exchange, assetId) },
    { kind: 'book', venueTsMs: nowTsMs, bids, asks },
  ]
}

function touchInput(world: World, { bidTicks, bidLots, askTicks, askLots }: Touch): RawInput {
  return { kind: 'touch', venueTsMs: world.nowTsMs, bidTicks, bidLots, askTicks, askLots }
}

/** How many orders make up a level is told, too: it changes when one comes or goes. */
function isSameTouch(one: Touch, other: Touch): boolean {
  return (
    one.bidTicks === other.bidTicks &&
    one.bidLots === other.bidLots &&
    one.bidCount === other.bidCount &&
    one.askTicks === other.askTicks &&
    one.askLots === other.askLots &&
    one.askCount === other.askCount
  )
}

/** The middle of the reference's touch in ticks of our market; 0 while one side is empty, and without a reference. */
function referenceTicks({ world, reference, instrument }: LocalVenueOptions): number {
  if (reference === undefined) return 0
  if (typeof reference === 'function') return reference() * 10 ** instrument.grid.priceDecimals
  const { bidTicks, bidLots, askTicks, askLots } = touch(world.exchange, reference.assetId)
  if (bidLots === 0 || askLots === 0) return 0
  return regridTicks((bidTicks + askTicks) / 2, reference.grid, instrument.grid)
}

function accountInput(options: LocalVenueOptions): AccountInput {
  const { world, account, instrument } = options
  const { exchange } = world
  const state = accountState(exchange, account, instrument.dexIndex)
  const position = state.positions.find((held) => held.assetId === instrument.assetId) ?? null
  assert(exchange.tsMs <= world.nowTsMs, 'the exchange is not ahead of its world')
  return {
    kind: 'account',
    positionLots: position?.sizeLots ?? 0,
    cashMicroUsd: state.whole.rawUsdMicroUsd,
    accountValueMicroUsd: state.whole.accountValueMicroUsd,
    withdrawableMicroUsd: state.withdrawableMicroUsd,
    isolatedMarginMicroUsd:
      position === null || position.leverage.isCross ? null : position.marginUsedMicroUsd,
    liquidationTicks: position?.liquidationTicks ?? null,
    openOrders: openOrders(exchange, account, instrument.dexIndex)
      .filter((order) => order.assetId === instrument.assetId)
      .map(({ oid, cloid, side, priceTicks, remainingLots, reduceOnly }) => ({
        oid,
        cloid,
        side,
        priceTicks,
        remainingLots,
        reduceOnly,
      })),
    venueTsMs: world.nowTsMs,
  }
}
