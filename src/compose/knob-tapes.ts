/** The tapes that `hypermake knobs` plays: recorded scenarios first, then bent ones for settings of rare circumstances. */
import { recordTape } from '../backtest/market-tape.ts'
import type { MarketTape } from '../backtest/market-tape.ts'
import {
  atHour,
  withBalancedFlow,
  withFill,
  withIsolatedMargin,
  withLeap,
  withLiquidationAt,
  withMakerFee,
  withReference,
  withoutAsks,
  withoutFills,
  withSilence,
  withStall,
  withSweep,
  withTurningFlow,
  withVenueBehind,
} from '../backtest/tape-stories.ts'
import { toLots, toMicroUsd } from '../config/amounts.ts'
import type { Config } from '../config/config.ts'
import { readVenue } from '../config/venue-definitions.ts'
import { createEngine } from '../core/engine.ts'
import { enginePartsOf } from './engine-parts.ts'
import { withSizes } from './sizes.ts'
import { scenarioAt } from './scenario.ts'

export interface KnobTape {
  readonly tape: MarketTape
  /** `key=value` of the unchanged maker on this tape; the changed one has them too, but for the setting that is changed. */
  readonly set: readonly string[]
  /** Settings, or sections of them, that this tape was bent for: a quick search looks there first. */
  readonly shows?: readonly string[]
}

/** One of `toxic_hours` by default. */
const TOXIC_HOUR = 7
/** Deep enough for a drawdown of the default deposit; shallow enough that the collar still means something. */
const CRASH_FACTOR = 0.7
/** One percent at once: fast, and below the velocity that pulls. */
const KNIFE_FACTOR = 1.01
/** Two percent at once: beyond the velocity that is taken for a market. */
const LEAP_FACTOR = 1.02
/** The market of these tapes decides nothing about the settings; any seed would do. */
const SEED = 11

/**
 * @param configOf the configuration with further `key=value`
 * @throws SimulationError UNKNOWN_MARKET, UNKNOWN_SCENARIO
 */
export function knobTapes(of: {
  readonly configOf: (assignments: readonly string[]) => Config
  readonly scenarios: readonly string[]
  readonly seconds: number
}): KnobTape[] {
  // The baseline trades most, so its tapes have the most fills in them.
  const config = of.configOf(['strategy.name=fixed-spread'])
  const { dex, asset } = config.market
  const coin = dex === '' ? asset : `${dex}:${asset}`
  const { blockMs } = config.exchange
  const depositMicroUsd = toMicroUsd(config.exchange.depositUsd)
  const spec = readVenue(config.exchange.markets)
  const recorded = of.scenarios.map((scenario) =>
    recordTape(
      {
        spec,
        coin,
        scenario: scenarioAt(scenario),
        seed: SEED,
        blockMs,
        depositMicroUsd,
        seconds: of.seconds,
      },
      (market, capital) => createEngine(enginePartsOf(config, market, capital)),
    ),
  )
  const [first] = recorded
  return first === undefined ? [] : [...recorded.map((tape) => ({ tape, set: [] })), ...bent(first, config)]
}

function bent(tape: MarketTape, config: Config): KnobTape[] {
  const seconds = (tape.endTsMs - tape.startTsMs) / 1_000
  const sized = withSizes(config, tape.market, tape.capital)
  const fullLots = toLots(sized.risk.maxPosition, tape.market.grid)
  const early = Math.round(seconds * 0.2)
  const late = Math.round(seconds * 0.6)
  const bare = withoutFills(tape)
  const filled = (share: number): MarketTape => withFill(bare, early, Math.round(fullLots * share))
  const crash = withLeap(filled(1), late, CRASH_FACTOR)
  const leap = withLeap(bare, late, LEAP_FACTOR)
  const lonely = withoutAsks(bare, late, late + SILENCE_SEC)
  return [
    { tape: atHour(tape, TOXIC_HOUR), set: [], shows: ['risk.toxic_hours_multiplier'] },
    { tape: withBurst(bare, early, fullLots), set: [], shows: ['risk.burst'] },
    // Risk would take the side off before the strategy could widen it.
    { tape: withBurst(bare, early, fullLots), set: ['risk.burst.fills=100'] },
    { tape: withSilence(tape, late, late + SILENCE_SEC), set: [], shows: SHOWN_BY_SILENCE },
    {
      tape: lonely,
      set: ['risk.quote_alone=true'],
      shows: ['risk.alone_widen_bps'],
    },
    { tape: lonely, set: [], shows: ['risk.quote_alone'] },
    { tape: withStall(bare, late, STALL_MS), set: [], shows: ['risk.max_loop_lag_ms'] },
    { tape: withVenueBehind(bare, VENUE_BEHIND_MS), set: [], shows: ['risk.max_clock_skew_ms'] },
    { tape: withSweep(bare, late), set: [], shows: SHOWN_BY_SWEEP },
    { tape: withMakerFee(tape, null), set: [], shows: ['risk.maker_fee_rate_bps'] },
    { tape: crash, set: [] },
    // And the other way round.
    { tape: crash, set: ['risk.max_drawdown_pct=100'], shows: ['risk.max_daily_loss_usd'] },
    // A loss that the daily limit does not see first shows what the drawdown limit does.
    { tape: crash, set: ['risk.max_daily_loss_usd=1e9'], shows: ['risk.max_drawdown', 'risk.min_drawdown'] },
    { tape: crash, set: ['risk.kill.policy=flatten'], shows: ['risk.kill'] },
    { tape: leap, set: [], shows: SHOWN_BY_LEAP },
    { tape: bare, set: ['estimators.microprice=chain'], shows: ['estimators.microprice'] },
    { tape: withReference(bare, REFERENCE_BOOKS_AHEAD), set: [], shows: ['estimators.reference'] },
    { tape: filled(0.3), set: ['strategy.name=avellaneda-stoikov'], shows: ['strategy.avellaneda_stoikov'] },
    { tape, set: SHORT_MEMORY },
    { tape: filled(0.85), set: ['risk.max_lopsided_sec=10'], shows: SHOWN_BY_LOPSIDED },
    { tape: withLiquidationAt(filled(0.6), 0.95), set: [], shows: ['risk.min_liquidation_distance_pct'] },
    ...isolated(filled),
    {
      tape: withRoundTrips(bare, early, fullLots),
      set: ['risk.mmp.max_quantity_share=0.14', 'risk.burst.fills=100'],
      shows: ['risk.mmp'],
    },
    { tape: withBalancedFlow(withMakerFee(filled(0.1), 0)), set: NARROW, shows: SHOWN_BY_NARROW },
    {
      tape: withTurningFlow(withMakerFee(filled(0.1), 0), early),
      set: TURNING,
      shows: ['strategy.glft.toxicity_neutral', 'estimators.toxicity'],
    },
    // Everybody buys, and the price goes up by one percent: less than what is pulled for.
    {
      tape: withLeap(withTurningFlow(bare, early), late, KNIFE_FACTOR),
      set: [],
      shows: ['strategy.glft.knife'],
    },
    // The outermost level at its bound: a little further from the mid than from the fair price.
    { tape: bare, set: ['strategy.glft.ladder_span_multiple=100'], shows: ['risk.price_collar_bps'] },
    { tape: filled(1), set: BARE_EXIT },
    {
      tape: filled(1),
      set: [...BARE_EXIT, 'stochastic.latency_floor=false'],
      shows: ['stochastic.tick_floor'],
    },
  ]
}

const SHOWN_BY_SILENCE: readonly string[] = [
  'estimators.stale_ms',
  'estimators.adverse_selection_half_life_fills',
  'estimators.kappa_own_fill_share_max',
]
const SHOWN_BY_LEAP: readonly string[] = ['risk.velocity', 'risk.pull_hold_ms', 'risk.pull_max_ms']
const SHOWN_BY_LOPSIDED: readonly string[] = ['risk.lopsided_share', 'risk.max_lopsided_sec']
const SHOWN_BY_NARROW: readonly string[] = ['stochastic.tight_quoting', 'strategy.glft.tight_quoting']

/**
 * A position on isolated margin: near its liquidation, far from it, with less margin than configured, and with less money on the DEX
 * than wished. Its value is a fraction of the position limit of 0.5 BTC, some thousand dollars.
 */
function isolated(filled: (share: number) => MarketTape): KnobTape[] {
  const shows = ['margin', 'market.initial_isolated_margin']
  const drawing = ['margin.collateral_daily_usd=500', 'margin.collateral_keep_usd=3000']
  const poor = withIsolatedMargin(filled(0.1), 600, 2_000, 50_000)
  return [
    { tape: withIsolatedMargin(filled(0.6), 2_300, 20_000, 0), set: [], shows },
    { tape: withIsolatedMargin(filled(0.1), 2_800, 20_000, 0), set: [], shows },
    { tape: poor, set: [], shows },
    { tape: poor, set: drawing, shows },
    { tape: poor, set: ['margin.collateral_source=spot', ...drawing], shows },
  ]
}

/** Many small fills of one side at once: somebody works a large order through the ladder. */
function withBurst(tape: MarketTape, atSec: number, fullLots: number): MarketTape {
  const lots = Math.round(fullLots * BURST_FILL_SHARE)
  let burst = tape
  for (let fill = 0; fill < BURST_FILLS; fill += 1) burst = withFill(burst, atSec, lots)
  return { ...burst, name: `${tape.name}, ${BURST_FILLS} fills at once` }
}

const BURST_FILLS = 20
/** Of the position limit: so small that all of them together are no position. */
const BURST_FILL_SHARE = 0.005

/**
 * Much traded in both directions: 0.16 of the limit within a sliding window of ten seconds, and less within any that starts
 * with a fill. Small enough that our own quotes are what fills: others do not count for protection.
 */
function withRoundTrips(tape: MarketTape, atSec: number, fullLots: number): MarketTape {
  const fills = [
    [0, 0.04],
    [8, -0.04],
    [11, 0.04],
    [12, -0.04],
    [13, 0.04],
  ] as const
  const trips = fills.reduce(
    (traded, [afterSec, share]) => withFill(traded, atSec + afterSec, Math.round(fullLots * share)),
    tape,
  )
  return { ...trips, name: `${tape.name}, round trips` }
}

/** Books come every half second: two seconds ahead. */
const REFERENCE_BOOKS_AHEAD = 4
/** A little over the limit of the event loop, and a little under that of the clocks. */
const STALL_MS = 600
const VENUE_BEHIND_MS = 900
const SHOWN_BY_SWEEP = ['risk.sweep.levels', 'risk.sweep.window_ms', 'risk.sweep.cooldown_ms']
/** Long enough for a book to be stale. */
const SILENCE_SEC = 8

/**
 * A market so easy that the model asks for less than the configured minimum: fills end near the mid, nothing is feared, and
 * flow is balanced soon enough. Only there does tight quoting decide a price.
 */
const NARROW: readonly string[] = [
  'estimators.kappa_prior=10000',
  'estimators.kappa_prior_orders=100000',
  'estimators.adverse_selection_prior_bps=0',
  'stochastic.tight_quoting_min_depth_usd=1000',
  'estimators.toxicity_bucket_sec=3',
  'strategy.glft.execution_risk_aversion=0.01',
  'risk.gamma_base=0.001',
]

/** The same, and enough small orders in each bucket for toxicity to say something before and after the turn. */
const TURNING: readonly string[] = [...NARROW, 'estimators.toxicity_bucket_usd_min=100']

/** At the position limit, with a strong wish to leave and no least depth, only the floors of tick and latency hold the exit. */
const BARE_EXIT: readonly string[] = ['quoting.ladder.min_depth_bps=0', 'risk.gamma_base=10']

/** The slowest memory is otherwise longer than any short tape, and every move counts as a run measured by it. */
const SHORT_MEMORY: readonly string[] = [
  'estimators.volatility_fast_half_life_sec=2',
  'estimators.volatility_half_life_sec=3',
  'estimators.volatility_slow_half_life_sec=20',
  'strategy.glft.momentum_z_min=0',
]
