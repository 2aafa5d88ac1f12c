/**
 * Noise takers: per side, market orders arrive as a Poisson process of rate A; each takes everything up to a depth
 * D ~ Exp(κ) from the fair price and never more.
 *
 *     P(D > δ) = e^(−κδ)   so a quote at distance δ is traded through at the rate   λ(δ) = A·e^(−κδ)
 *
 * whatever rests before it: the size is what stands up to the limit, and some more. The measured κ and A of a run are
 * therefore the configured ones (depths are cut at `depthBpsMax`, beyond which no quote is reached).
 * source  Avellaneda & Stoikov (2008), section 2.4
 */
import { assert } from '../core/assert.ts'
import { nextExponential, nextUnit } from '../core/math/sfc32.ts'
import type { Sfc32 } from '../core/math/sfc32.ts'
import type { ExchangeCommand } from '../exchange/command.ts'
import { genesisOf } from './agent-account.ts'
import type { FairMarket } from './basis-process.ts'
import { addressOf, streamOf } from './participant.ts'
import type { Participant } from './participant.ts'
import { pushSweep } from './sweep-order.ts'

export interface NoiseConfig {
  /** A: arrivals per second and side, ≥ 0. */
  readonly arrivalsPerSec: number
  /** κ per unit fraction of price, > 0; 2500 means a mean depth of 4 bps. */
  readonly kappa: number
  /** Depths are cut here, bps, so that no draw empties a side. */
  readonly depthBpsMax: number
  /** Added to what stands in the way, dollars: mean of an exponential. */
  readonly clipUsd: number
}

export function createNoiseTakers(options: {
  readonly name: string
  readonly seed: number
  readonly startTsMs: number
  readonly market: FairMarket
  readonly config: NoiseConfig
}): Participant {
  const { name, market, config, startTsMs } = options
  assert(config.arrivalsPerSec >= 0, 'an arrival rate is not negative')
  assert(config.kappa > 0 && config.depthBpsMax > 0, 'depths have a scale and a bound')
  const account = addressOf(name)
  const random = streamOf(options.seed, name)
  const clocks = (['buy', 'sell'] as const).map((side) => ({
    side,
    nextTsMs: startTsMs + nextGapMs(random, config),
  }))
  return {
    name,
    account,
    genesis: genesisOf(account, market.instrument),
    latencyBlocks: 0,
    onBlock(view, out: ExchangeCommand[]) {
      for (const clock of clocks) {
        while (clock.nextTsMs <= view.tsMs) {
          const depthBps = drawDepthBps(random, config)
          const clipUsd = nextExponential(random, config.clipUsd)
          pushSweep({ exchange: view.exchange, account, market, side: clock.side, depthBps, clipUsd }, out)
          clock.nextTsMs += nextGapMs(random, config)
        }
      }
    },
  }
}

/** Exp(κ), cut at the bound, bps. */
export function drawDepthBps(random: Sfc32, config: Pick<NoiseConfig, 'kappa' | 'depthBpsMax'>): number {
  return Math.min(nextExponential(random, 1e4 / config.kappa), config.depthBpsMax)
}

function nextGapMs(random: Sfc32, config: NoiseConfig): number {
  // The draw happens even at rate 0, so that the stream does not depend on the rate.
  const unit = nextUnit(random)
  return config.arrivalsPerSec === 0 ? Infinity : (-1000 / config.arrivalsPerSec) * Math.log1p(-unit)
}
