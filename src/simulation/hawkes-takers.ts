/**
 * Self-exciting takers: each arrival makes further ones on its side more likely, for a while.
 *
 *     λ_side(t) = μ + Σ α·e^(−β(t−tᵢ)) over past arrivals of that side       branching ratio α/β < 1
 *
 * The mean rate is μ/(1 − α/β). Depths are Exp(κ) as for noise takers. Arrivals are drawn by Ogata's thinning, exactly.
 * source  Hawkes (1971); Ogata (1981)
 */
import { assert } from '../core/assert.ts'
import { nextExponential, nextUnit } from '../core/math/sfc32.ts'
import type { Sfc32 } from '../core/math/sfc32.ts'
import type { Side } from '../core/units.ts'
import { genesisOf } from './agent-account.ts'
import type { FairMarket } from './basis-process.ts'
import { drawDepthBps } from './noise-takers.ts'
import { addressOf, streamOf } from './participant.ts'
import type { Participant } from './participant.ts'
import { pushSweep } from './sweep-order.ts'

export interface HawkesConfig {
  /** μ: arrivals per second and side without excitement. */
  readonly basePerSec: number
  /** α: how much an arrival adds to the rate, per second. */
  readonly excitePerSec: number
  /** β: decay of that, per second; larger than α. */
  readonly decayPerSec: number
  readonly kappa: number
  readonly depthBpsMax: number
  readonly clipUsd: number
}

/** Arrivals of one side; `excited` is the sum of the definition at `tsMs`. */
export interface HawkesClock {
  readonly side: Side
  tsMs: number
  excited: number
}

export function createHawkesTakers(options: {
  readonly name: string
  readonly seed: number
  readonly startTsMs: number
  readonly market: FairMarket
  readonly config: HawkesConfig
}): Participant {
  const { name, market, config, startTsMs } = options
  assert(config.basePerSec >= 0 && config.excitePerSec >= 0, 'rates are not negative')
  assert(config.excitePerSec < config.decayPerSec, 'excitement dies out: excitePerSec is below decayPerSec')
  const account = addressOf(name)
  const random = streamOf(options.seed, name)
  const clocks: HawkesClock[] = [
    { side: 'buy', tsMs: startTsMs, excited: 0 },
    { side: 'sell', tsMs: startTsMs, excited: 0 },
  ]
  return {
    name,
    account,
    genesis: genesisOf(account, market.instrument),
    latencyBlocks: 0,
    onBlock(view, out) {
      for (const clock of clocks) {
        while (nextArrival(clock, config, random, view.tsMs)) {
          const depthBps = drawDepthBps(random, config)
          const clipUsd = nextExponential(random, config.clipUsd)
          pushSweep({ exchange: view.exchange, account, market, side: clock.side, depthBps, clipUsd }, out)
        }
      }
    },
  }
}

/** Moves the clock to the next arrival, or to `untilTsMs` when there is none before it. @returns true at an arrival */
export function nextArrival(
  clock: HawkesClock,
  config: Pick<HawkesConfig, 'basePerSec' | 'excitePerSec' | 'decayPerSec'>,
  random: Sfc32,
  untilTsMs: number,
): boolean {
  for (;;) {
    // Between arrivals the rate only falls, so the present rate bounds it.
    const boundPerSec = config.basePerSec + clock.excited
    const gapMs = boundPerSec === 0 ? Infinity : nextExponential(random, 1000 / boundPerSec)
    if (clock.tsMs + gapMs > untilTsMs) {
      // Memoryless: what is left of the draw may be thrown away at the border.
      moveTo(clock, config.decayPerSec, untilTsMs)
      return false
    }
    moveTo(clock, config.decayPerSec, clock.tsMs + gapMs)
    const isAccepted = nextUnit(random) * boundPerSec < config.basePerSec + clock.excited
    if (isAccepted) {
      clock.excited += config.excitePerSec
      return true
    }
  }
}

function moveTo(clock: HawkesClock, decayPerSec: number, tsMs: number): void {
  clock.excited *= Math.exp((-decayPerSec * (tsMs - clock.tsMs)) / 1000)
  clock.tsMs = tsMs
}
