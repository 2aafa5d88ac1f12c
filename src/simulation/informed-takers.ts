/**
 * Informed takers: they see the fair price `horizonSec` ahead, look at the book at Poisson times, and take what is stale
 * by more than `edgeBps`, their fee included. They are the adverse selection of everybody else.
 */
import { assert } from '../core/assert.ts'
import { nextExponential } from '../core/math/sfc32.ts'
import { BPS, snapAskUp, snapBidDown } from '../core/units.ts'
import { touch } from '../exchange/queries/book.ts'
import { genesisOf, lotsForUsd, toTakerCommand } from './agent-account.ts'
import type { FairMarket } from './basis-process.ts'
import { addressOf, streamOf } from './participant.ts'
import type { Participant } from './participant.ts'
import { priceAt } from './price-path.ts'
import { horizonBlocks } from './price-process.ts'

export interface InformedConfig {
  /** Looks per second, > 0. */
  readonly looksPerSec: number
  /** How far ahead they see; the path knows `PATH_AHEAD_BLOCKS`. */
  readonly horizonSec: number
  /** Least gain against the fair price at the horizon, bps; the taker's fee at least. */
  readonly edgeBps: number
  /** Mean notional of an order, exponential. */
  readonly clipUsd: number
}

export function createInformedTakers(options: {
  readonly name: string
  readonly seed: number
  readonly startTsMs: number
  readonly blockMs: number
  readonly market: FairMarket
  readonly config: InformedConfig
}): Participant {
  const { name, market, config, startTsMs } = options
  assert(config.looksPerSec > 0 && config.horizonSec >= 0, 'informed takers look ahead, now and then')
  const { assetId, grid } = market.instrument
  const account = addressOf(name)
  const random = streamOf(options.seed, name)
  const horizon = horizonBlocks(config.horizonSec, options.blockMs)
  let nextTsMs = startTsMs + nextExponential(random, 1000 / config.looksPerSec)
  return {
    name,
    account,
    genesis: genesisOf(account, market.instrument),
    latencyBlocks: 0,
    onBlock(view, out) {
      while (nextTsMs <= view.tsMs) {
        nextTsMs += nextExponential(random, 1000 / config.looksPerSec)
        const clipUsd = nextExponential(random, config.clipUsd)
        const futureTicks = priceAt(market.fair, horizon)
        const buyTicks = snapBidDown(futureTicks * (1 - config.edgeBps * BPS), grid)
        const sellTicks = snapAskUp(futureTicks * (1 + config.edgeBps * BPS), grid)
        const { askTicks, bidTicks } = touch(view.exchange, assetId)
        // 0 stands for an empty side, which nobody can take from.
        const side = askTicks > 0 && askTicks <= buyTicks ? 'buy' : bidTicks >= sellTicks ? 'sell' : null
        if (side === null) continue
        const priceTicks = side === 'buy' ? buyTicks : sellTicks
        const sizeLots = lotsForUsd({ usd: clipUsd, priceTicks })
        out.push(toTakerCommand(account, { assetId, side, priceTicks, sizeLots }))
      }
    },
  }
}
