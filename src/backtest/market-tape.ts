/**
 * A market with our fills in it, recorded once, so that different makers can be asked what they would have done in exactly the
 * same circumstances: the same books, prints and fills at the same times, whatever they quote.
 *
 * Recording is a run of the closed world; what the maker itself caused (answers to its orders, account samples, timers) is
 * left out, because each maker that plays the tape causes its own.
 */
import { assert } from '../core/assert.ts'
import type {
  AccountInput,
  BookInput,
  ConnectionInput,
  ContextInput,
  LoadInput,
  Input,
  ReferenceInput,
  TouchInput,
  TradeInput,
} from '../core/input.ts'
import type { MarketSpec } from '../core/market.ts'
import type { Side } from '../core/units.ts'
import { scenarioNameOf } from '../simulation/scenarios.ts'
import { runClosedWorld } from './closed-world.ts'
import { openStage } from './stage.ts'
import type { Capital } from '../core/risk/limits.ts'
import type { EngineMaker, StageOptions } from './stage.ts'

/** A fill that happens to whoever plays the tape. */
export interface TapeFill {
  readonly kind: 'tapeFill'
  readonly side: Side
  readonly priceTicks: number
  readonly sizeLots: number
  readonly feeMicroUsd: number
}

export type MarketInput =
  BookInput | TouchInput | TradeInput | ContextInput | ReferenceInput | ConnectionInput | LoadInput

export interface TapeEvent {
  readonly tsMs: number
  readonly what: MarketInput | TapeFill
}

export interface MarketTape {
  readonly name: string
  readonly market: MarketSpec
  readonly account: string
  /** Of the account at the start. */
  readonly capital: Capital
  readonly startTsMs: number
  readonly endTsMs: number
  /** The account as it was at the start. */
  readonly opening: AccountInput
  /** What a position is opened with on isolated margin, micro-dollars; absent: cross margin, of which nothing is told. */
  readonly isolatedMicroUsd?: number
  /** In time order. */
  readonly events: readonly TapeEvent[]
}

/** Records the market around one run. @throws SimulationError UNKNOWN_MARKET, UNKNOWN_SCENARIO */
export function recordTape(
  options: StageOptions & { readonly seconds: number },
  engineOf: EngineMaker,
): MarketTape {
  const { world, venue, startTsMs } = openStage(options)
  const events: TapeEvent[] = []
  let opening: AccountInput | null = null
  runClosedWorld({
    engine: engineOf(venue.market, venue.capital),
    venue,
    world,
    untilTsMs: startTsMs + options.seconds * 1_000,
    onStep(input) {
      if (input.kind === 'account') opening ??= input
      const what = tapeEventOf(input)
      if (what !== null) events.push({ tsMs: input.tsMs, what })
    },
  })
  assert(opening !== null, 'a run begins with the account')
  const { market, account, capital } = venue
  return {
    name: scenarioNameOf(options.scenario),
    market,
    account,
    capital,
    startTsMs,
    endTsMs: world.nowTsMs,
    opening,
    events,
  }
}

function tapeEventOf(input: Input): MarketInput | TapeFill | null {
  switch (input.kind) {
    case 'book':
    case 'touch':
    case 'trade':
    case 'context':
    case 'reference':
    case 'connection':
      return input
    case 'fill': {
      const { side, priceTicks, sizeLots, feeMicroUsd } = input
      return { kind: 'tapeFill', side, priceTicks, sizeLots, feeMicroUsd }
    }
    default:
      return null
  }
}
