/**
 * A maker that lets itself be watched: beside the commands of a step it tells whether a quote was decided, what the strategy
 * wished before risk, and which orders were live when wishes met orders.
 *
 * Watching changes nothing: the strategy is wrapped, its numbers are copied after it has written them.
 */
import type { Config } from '../config/config.ts'
import type { Command } from '../core/command.ts'
import type { DesiredLadder, DesiredLevel, QuoteContext, Strategy } from '../core/contracts.ts'
import { createEngine, step } from '../core/engine.ts'
import type { Engine } from '../core/engine.ts'
import type { Input } from '../core/input.ts'
import type { MarketSpec } from '../core/market.ts'
import type { Order, Tracker } from '../core/orders/tracker.ts'
import { enginePartsOf } from './engine-parts.ts'

export interface WishedLevel {
  readonly priceTicks: number
  readonly sizeLots: number
  readonly reduceOnly: boolean
  /** By `WATERFALL_TERMS`, whole micro-ticks. */
  readonly termsMicroTicks: readonly number[]
}

/** A copy of the ladder at one moment, best level first. */
export interface WishedLadder {
  readonly fairMicroTicks: number
  readonly bids: readonly WishedLevel[]
  readonly asks: readonly WishedLevel[]
  readonly bidBecause: string | null
  readonly askBecause: string | null
  readonly bidFloor: string
  readonly askFloor: string
}

export type AskedWith = Pick<
  QuoteContext,
  'positionLots' | 'maxPositionLots' | 'minSizeLots' | 'riskWidenBps'
>

/** What one step did. */
export interface Observation {
  readonly input: Input
  readonly commands: readonly Command[]
  /** True when wishes were compared with live orders in this step. */
  readonly isDecision: boolean
  /** The strategy's ladder before risk, and what it was asked with; null when it was not asked. */
  readonly wished: WishedLadder | null
  readonly context: AskedWith | null
  /** Copies of our live orders when they were compared with the wishes, in the order of placing. */
  readonly live: readonly Order[]
}

export interface ObservedMaker {
  readonly engine: Engine
  observe(input: Input): Observation
}

/** @throws ConfigError when an amount does not fit the market's grid */
export function observedMaker(config: Config, market: MarketSpec): ObservedMaker {
  const parts = enginePartsOf(config, market)
  let seen: Pick<Observation, 'wished' | 'context' | 'live'> | null = null
  const strategy: Strategy<unknown> = {
    ...parts.strategy,
    quote(state, context, out) {
      parts.strategy.quote(state, context, out)
      const { positionLots, maxPositionLots, minSizeLots, riskWidenBps } = context
      seen = {
        wished: copyLadder(out),
        context: { positionLots, maxPositionLots, minSizeLots, riskWidenBps },
        live: copyLive(engine.state.tracker),
      }
    },
  }
  const engine: Engine = createEngine({ ...parts, strategy })
  return {
    engine,
    observe(input) {
      seen = null
      const before = copyLive(engine.state.tracker)
      const { lastRequoteTsMs } = engine.state
      const commands = step(engine, input)
      // Without a two-sided book the strategy is not asked, and the cycle shows only in its time and its commands.
      const isDecision =
        seen !== null || engine.state.lastRequoteTsMs !== lastRequoteTsMs || commands.some(isAboutOrders)
      return { input, commands, isDecision, ...(seen ?? { wished: null, context: null, live: before }) }
    },
  }
}

function isAboutOrders(command: Command): boolean {
  return command.kind === 'place' || command.kind === 'modify' || command.kind === 'cancel'
}

export function copyLive(tracker: Tracker): Order[] {
  return Array.from(tracker.live.values(), (order) => ({ ...order }))
}

export function copyLadder(ladder: DesiredLadder): WishedLadder {
  const { fairMicroTicks, bidBecause, askBecause, bidFloor, askFloor } = ladder
  return {
    fairMicroTicks,
    bids: copyLevels(ladder.bids, ladder.bidCount),
    asks: copyLevels(ladder.asks, ladder.askCount),
    bidBecause,
    askBecause,
    bidFloor,
    askFloor,
  }
}

function copyLevels(levels: readonly DesiredLevel[], count: number): WishedLevel[] {
  return levels.slice(0, count).map((level) => ({
    priceTicks: level.priceTicks,
    sizeLots: level.sizeLots,
    reduceOnly: level.reduceOnly,
    termsMicroTicks: [...level.termsMicroTicks],
  }))
}
