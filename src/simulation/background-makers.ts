/**
 * A background maker: a ladder around the fair price it knows, which is `latencyBlocks` old when its orders arrive.
 *
 *   level n lies at halfSpread + n·step·(1 + growth·n) bps; a slot is sent again when its price is further from where it
 *   belongs than `refreshBps` (plus a tenth of its distance: far levels are lazy), or when it was filled below a third.
 *
 * The ladder leans against inventory, so that its position returns to zero. Everything is post-only: a maker never takes.
 * state   one record per slot and the position; a few numbers
 */
import { assert } from '../core/assert.ts'
import { nextUnit } from '../core/math/sfc32.ts'
import type { Sfc32 } from '../core/math/sfc32.ts'
import { BPS, priceStepTicks, signOf, snapAway } from '../core/units.ts'
import type { Side } from '../core/units.ts'
import type { Address, ExchangeCommand, OrderRef, OrderRequest } from '../exchange/command.ts'
import type { ExchangeEvent } from '../exchange/event.ts'
import { genesisOf, lotsForUsd, toCommand } from './agent-account.ts'
import type { FairMarket } from './basis-process.ts'
import { addressOf, initCloids, nextCloid, streamOf } from './participant.ts'
import type { CloidSource, Participant } from './participant.ts'
import { priceAt } from './price-path.ts'

export interface MakerConfig {
  /** Distance of the innermost level from fair, bps, > 0. */
  readonly halfSpreadBps: number
  readonly levelCount: number
  readonly levelStepBps: number
  /** Each step grows by this share of the first one. */
  readonly levelGrowth: number
  /** Mean notional of a level; sizes are uniform on 0.5…1.5 of it. */
  readonly levelUsd: number
  /** A slot this far from its place is sent again, bps. */
  readonly refreshBps: number
  readonly latencyBlocks: number
  /** How far the ladder leans per million dollars of position, bps. */
  readonly leanBpsPerMillionUsd: number
}

/** The lean never exceeds this share of the half spread, so that both sides stay on their side of fair. */
const LEAN_SHARE_MAX = 0.8
/** A slot filled below this share of its size is refilled. */
const REFILL_SHARE = 1 / 3

interface Slot {
  readonly side: Side
  readonly distanceBps: number
  /** Null: nothing rests as far as the maker knows. */
  cloid: string | null
  priceTicks: number
  sizeLots: number
  remainingLots: number
}

interface State {
  readonly random: Sfc32
  readonly account: Address
  readonly cloids: CloidSource
  readonly slots: readonly Slot[]
  /** No slot belongs further out than this many times the fair price. */
  readonly reach: number
  readonly slotByCloid: Map<string, Slot>
  positionLots: number
  fairTicksLast: number
}

export function createBackgroundMaker(options: {
  readonly name: string
  readonly seed: number
  readonly market: FairMarket
  readonly config: MakerConfig
}): Participant {
  const { name, market, config } = options
  const { instrument } = market
  assert(config.halfSpreadBps > 0 && config.levelCount > 0, 'a maker has a spread and levels')
  const account = addressOf(name)
  const slots = makeSlots(config)
  const state: State = {
    random: streamOf(options.seed, name),
    account,
    cloids: initCloids(name),
    slots,
    reach: 1 + (Math.max(...slots.map((slot) => slot.distanceBps)) + config.halfSpreadBps) * BPS,
    slotByCloid: new Map(),
    positionLots: 0,
    fairTicksLast: 0,
  }
  return {
    name,
    account,
    genesis: genesisOf(account, instrument),
    latencyBlocks: config.latencyBlocks,
    onBlock(view, out) {
      absorb(state, view.events)
      quote(state, market, config, out)
    },
  }
}

function makeSlots(config: MakerConfig): Slot[] {
  const slots: Slot[] = []
  for (const side of ['buy', 'sell'] as const) {
    let distanceBps = config.halfSpreadBps
    for (let level = 0; level < config.levelCount; level += 1) {
      slots.push({ side, distanceBps, cloid: null, priceTicks: 0, sizeLots: 0, remainingLots: 0 })
      distanceBps += config.levelStepBps * (1 + config.levelGrowth * level)
    }
  }
  return slots
}

/** Own fills move the position; any end of an own order frees its slot. */
function absorb(state: State, events: readonly ExchangeEvent[]): void {
  for (const event of events) {
    if (event.kind === 'fill') {
      if (event.account !== state.account) continue
      state.positionLots += signOf(event.side) * event.sizeLots
      const slot = event.cloid === null ? undefined : state.slotByCloid.get(event.cloid)
      if (slot === undefined) continue
      slot.remainingLots -= event.sizeLots
      if (slot.remainingLots <= 0) free(state, slot)
    } else if (event.kind === 'order' && event.status !== 'open' && event.order.account === state.account) {
      const { cloid } = event.order
      const slot = cloid === null ? undefined : state.slotByCloid.get(cloid)
      if (slot !== undefined) free(state, slot)
    }
  }
}

function free(state: State, slot: Slot): void {
  if (slot.cloid !== null) state.slotByCloid.delete(slot.cloid)
  slot.cloid = null
  slot.remainingLots = 0
}

function quote(state: State, market: FairMarket, config: MakerConfig, out: ExchangeCommand[]): void {
  const fairTicks = priceAt(market.fair, 0)
  const leanBps = leanOf(state, config, fairTicks)
  const ticksPerBps = fairTicks * BPS
  // The grid moves a price by less than its step; one more tick is far above what doubles round away.
  const snapTicksMax = priceStepTicks(fairTicks * state.reach + 1, market.instrument.grid) + 1
  const orders: OrderRequest[] = []
  const modifies: { ref: OrderRef; order: OrderRequest }[] = []
  for (const slot of state.slots) {
    const wishTicks = wishOf(slot, fairTicks, leanBps)
    const slackBps = config.refreshBps + slot.distanceBps / 10
    const isThere = slot.cloid !== null && slot.remainingLots > slot.sizeLots * REFILL_SHARE
    // Most are so near that the grid cannot matter, and snapping costs more than the rest.
    if (isThere && Math.abs(wishTicks - slot.priceTicks) + snapTicksMax <= slackBps * ticksPerBps) continue
    const priceTicks = snapAway(slot.side, wishTicks, market.instrument.grid)
    if (isThere && Math.abs(priceTicks - slot.priceTicks) / ticksPerBps <= slackBps) continue
    const oldCloid = slot.cloid
    const order = fill(state, slot, market, priceTicks, config)
    if (oldCloid === null) orders.push(order)
    else modifies.push({ ref: { cloid: oldCloid }, order })
  }
  // The side that moves away goes first, so that the other one does not meet our own old quotes.
  if (fairTicks > state.fairTicksLast) modifies.reverse()
  state.fairTicksLast = fairTicks
  if (modifies.length > 0) out.push(toCommand(state.account, { kind: 'modify', modifies, always: true }))
  if (orders.length > 0) out.push(toCommand(state.account, { kind: 'order', orders, grouping: 'na' }))
}

/** A long position lowers both sides: bids further, asks nearer. */
function leanOf(state: State, config: MakerConfig, fairTicks: number): number {
  const positionMillionUsd = (state.positionLots * fairTicks) / 1e12
  const leanMaxBps = config.halfSpreadBps * LEAN_SHARE_MAX
  const leanBps = -positionMillionUsd * config.leanBpsPerMillionUsd
  return Math.min(Math.max(leanBps, -leanMaxBps), leanMaxBps)
}

/** Where it belongs, a real number of ticks. */
function wishOf({ side, distanceBps }: Slot, fairTicks: number, leanBps: number): number {
  return fairTicks * (1 + (side === 'buy' ? leanBps - distanceBps : leanBps + distanceBps) * BPS)
}

function fill(
  state: State,
  slot: Slot,
  market: FairMarket,
  priceTicks: number,
  config: MakerConfig,
): OrderRequest {
  const sizeLots = lotsForUsd({ usd: config.levelUsd * (0.5 + nextUnit(state.random)), priceTicks })
  free(state, slot)
  const cloid = nextCloid(state.cloids)
  slot.cloid = cloid
  slot.priceTicks = priceTicks
  slot.sizeLots = sizeLots
  slot.remainingLots = sizeLots
  state.slotByCloid.set(cloid, slot)
  return {
    assetId: market.instrument.assetId,
    side: slot.side,
    priceTicks,
    sizeLots,
    reduceOnly: false,
    tif: 'Alo',
    trigger: null,
    cloid,
  }
}
