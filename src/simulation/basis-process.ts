/**
 * The fair price of one market: the coin's latent price, perhaps some time late, times one plus a premium and a
 * mean-reverting basis.
 *
 *     dB = −B/τ·dt + s·√(2/τ)·dW        stationary with standard deviation s, forgotten over τ
 *
 * out     no commands; the path in ticks, which the makers and takers of that market follow
 * source  Uhlenbeck & Ornstein (1930); the exact step over dt is used, so any block length has the same law
 */
import { assert } from '../core/assert.ts'
import { nextNormal } from '../core/math/sfc32.ts'
import { BPS } from '../core/units.ts'
import type { Instrument } from '../exchange/instrument.ts'
import { addressOf, streamOf } from './participant.ts'
import type { Participant } from './participant.ts'
import { extendPath, initPath, PATH_AHEAD_BLOCKS, PATH_PAST_BLOCKS, priceAt } from './price-path.ts'
import type { PricePath } from './price-path.ts'

export interface BasisConfig {
  /** Constant part: the market trades this far above its oracle. It is what funding charges for. */
  readonly premiumBps: number
  /** Stationary standard deviation of the moving part, ≥ 0. */
  readonly basisBps: number
  /** Time over which the moving part is forgotten, seconds, > 0. */
  readonly reversionSec: number
  /** The market follows the coin's price so much later, seconds, 0 … the kept path: whoever leads it, sees it coming. */
  readonly lagSec: number
}

/** A market as participants see it. */
export interface FairMarket {
  readonly instrument: Instrument
  /** Ticks, real numbers. */
  readonly fair: PricePath
}

/** @param options.spot the coin's path in dollars; its process must come before this one in the world */
export function createBasisProcess(options: {
  readonly seed: number
  readonly blockMs: number
  readonly instrument: Instrument
  readonly spot: PricePath
  readonly config: BasisConfig
}): { readonly participant: Participant; readonly market: FairMarket } {
  const { instrument, spot, config, blockMs } = options
  assert(config.basisBps >= 0 && config.reversionSec > 0, 'a basis has a spread ≥ 0 and a time > 0')
  const lagBlocks = Math.round((config.lagSec * 1000) / blockMs)
  assert(lagBlocks >= 0 && lagBlocks <= PATH_PAST_BLOCKS, 'a market lags by no more than is kept of the path')
  const name = `basis ${instrument.coin}`
  const random = streamOf(options.seed, name)
  const ticksPerUsd = 10 ** instrument.grid.priceDecimals
  const keep = Math.exp(-blockMs / 1000 / config.reversionSec)
  const kick = config.basisBps * Math.sqrt(1 - keep * keep)
  let basisBps = config.basisBps * nextNormal(random)
  const next = (usd: number): number => {
    basisBps = basisBps * keep + kick * nextNormal(random)
    return usd * ticksPerUsd * (1 + (config.premiumBps + basisBps) * BPS)
  }
  const fair = initPath((block) => next(priceAt(spot, block - lagBlocks)))
  let isStarted = false
  const participant: Participant = {
    name,
    account: addressOf(name),
    genesis: [],
    latencyBlocks: 0,
    onBlock() {
      if (isStarted) extendPath(fair, next(priceAt(spot, PATH_AHEAD_BLOCKS - lagBlocks)))
      isStarted = true
    },
  }
  return { participant, market: { instrument, fair } }
}
