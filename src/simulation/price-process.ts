/**
 * The latent price of a coin, and the oracle that follows it: diffusion, jumps, regimes, trends and scheduled gaps.
 *
 *     ln S(t+dt) = ln S(t) + m·σ·√dt·Z + trend·dt + jumps        m: multiplier of the present regime
 *
 * out     one `oracle` command per market every `oracleEveryMs`, and the path in dollars for the other participants
 * state   the path, the log price at its end, the regime, one generator
 */
import { assert } from '../core/assert.ts'
import { nextExponential, nextNormal, nextUnit } from '../core/math/sfc32.ts'
import type { Sfc32 } from '../core/math/sfc32.ts'
import { BPS } from '../core/units.ts'
import type { ExchangeCommand } from '../exchange/command.ts'
import type { Instrument } from '../exchange/instrument.ts'
import { addressOf, streamOf } from './participant.ts'
import type { Participant } from './participant.ts'
import { extendPath, initPath, PATH_AHEAD_BLOCKS, priceAt } from './price-path.ts'
import type { PricePath } from './price-path.ts'

/** A state of the market with its own volatility. */
export interface Regime {
  /** Multiplies sigma, ≥ 0. */
  readonly sigmaMultiplier: number
  /** Mean stay, seconds, > 0; the next regime is the next in the list. */
  readonly meanSec: number
}

/** A move by `bps` within one block, `atSec` after the start. */
export interface PriceGap {
  readonly atSec: number
  readonly bps: number
}

/** A move by `bps` in a straight line from `fromSec` to `toSec` after the start. */
export interface PriceTrend {
  readonly fromSec: number
  readonly toSec: number
  readonly bps: number
}

export interface PriceConfig {
  /** Standard deviation of the log return per √second, ≥ 0. */
  readonly sigmaPerSqrtSec: number
  /** Poisson jumps: rate per second and standard deviation in bps. */
  readonly jumpsPerSec: number
  readonly jumpBps: number
  /** Empty: always multiplier 1. */
  readonly regimes: readonly Regime[]
  readonly trends: readonly PriceTrend[]
  readonly gaps: readonly PriceGap[]
}

export interface PriceProcess {
  readonly participant: Participant
  /** Dollars. */
  readonly path: PricePath
}

/** The venue's oracle moves about every three seconds. */
export const ORACLE_EVERY_MS = 3000

interface State {
  readonly random: Sfc32
  readonly config: PriceConfig
  readonly blockSec: number
  logUsd: number
  /** Blocks for which the price is already drawn. */
  drawnBlocks: number
  regime: number
  regimeEndSec: number
}

/**
 * @param options.name        names the random stream
 * @param options.initialUsd  price at the start, > 0
 * @param options.instruments the markets whose oracle follows this price
 */
export function createPriceProcess(options: {
  readonly name: string
  readonly seed: number
  readonly initialUsd: number
  readonly blockMs: number
  readonly config: PriceConfig
  readonly instruments: readonly Instrument[]
}): PriceProcess {
  const { name, initialUsd, blockMs, config, instruments } = options
  assert(initialUsd > 0, 'a latent price starts positive')
  assert(config.sigmaPerSqrtSec >= 0, 'sigma is not negative')
  const random = streamOf(options.seed, name)
  const blockSec = blockMs / 1000
  const state: State = {
    random,
    config,
    blockSec,
    logUsd: Math.log(initialUsd),
    drawnBlocks: 0,
    regime: 0,
    regimeEndSec:
      config.regimes[0] === undefined ? Infinity : nextExponential(random, config.regimes[0].meanSec),
  }
  const path = initPath((block) => (block === 0 ? initialUsd : drawNext(state)))
  let isStarted = false
  const participant: Participant = {
    name,
    account: addressOf(name),
    genesis: [],
    latencyBlocks: 0,
    onBlock(view, out) {
      if (isStarted) extendPath(path, drawNext(state))
      isStarted = true
      if (isOracleDue(view.tsMs, blockMs)) pushOracles(instruments, priceAt(path, 0), out)
    },
  }
  return { participant, path }
}

/** True in the first block of each period of `ORACLE_EVERY_MS`. */
export function isOracleDue(tsMs: number, blockMs: number): boolean {
  return Math.floor(tsMs / ORACLE_EVERY_MS) !== Math.floor((tsMs - blockMs) / ORACLE_EVERY_MS)
}

/** One oracle command per instrument: the price in dollars, to the nearest tick. */
export function pushOracles(instruments: readonly Instrument[], usd: number, out: ExchangeCommand[]): void {
  for (const { assetId, grid } of instruments) {
    const oracleTicks = Math.max(Math.round(usd * 10 ** grid.priceDecimals), 1)
    out.push({ kind: 'oracle', assetId, oracleTicks })
  }
}

function drawNext(state: State): number {
  const { config, random, blockSec } = state
  const fromSec = state.drawnBlocks * blockSec
  state.drawnBlocks += 1
  const toSec = state.drawnBlocks * blockSec
  const sigma = config.sigmaPerSqrtSec * regimeMultiplier(state, toSec)
  state.logUsd += sigma * Math.sqrt(blockSec) * nextNormal(random)
  for (const trend of config.trends) state.logUsd += trendBetween(trend, fromSec, toSec)
  for (const gap of config.gaps) {
    if (gap.atSec > fromSec && gap.atSec <= toSec) state.logUsd += Math.log1p(gap.bps * BPS)
  }
  // At most one jump a block: the rate is far below one a block, and the test of the rate holds it to that.
  if (config.jumpsPerSec > 0 && nextUnit(random) < -Math.expm1(-config.jumpsPerSec * blockSec)) {
    state.logUsd += config.jumpBps * BPS * nextNormal(random)
  }
  return Math.exp(state.logUsd)
}

function regimeMultiplier(state: State, tsSec: number): number {
  const { regimes } = state.config
  if (regimes.length === 0) return 1
  if (tsSec > state.regimeEndSec) {
    state.regime = (state.regime + 1) % regimes.length
    state.regimeEndSec = tsSec + nextExponential(state.random, regimes[state.regime]?.meanSec ?? 1)
  }
  return regimes[state.regime]?.sigmaMultiplier ?? 1
}

function trendBetween(trend: PriceTrend, fromSec: number, toSec: number): number {
  const overlapSec = Math.min(toSec, trend.toSec) - Math.max(fromSec, trend.fromSec)
  if (overlapSec <= 0) return 0
  return (Math.log1p(trend.bps * BPS) * overlapSec) / (trend.toSec - trend.fromSec)
}

/** Whole blocks in `sec`, within what the path knows ahead. */
export function horizonBlocks(sec: number, blockMs: number): number {
  return Math.min(Math.round((sec * 1000) / blockMs), PATH_AHEAD_BLOCKS)
}
