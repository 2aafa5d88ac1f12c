/**
 * A sweeper: at set times it sends a burst of market orders on one side, evenly over `overMs`, each through the book to
 * the same depth from the fair price. Nothing random: the story of a scenario.
 */
import { assert } from '../core/assert.ts'
import type { Side } from '../core/units.ts'
import { genesisOf } from './agent-account.ts'
import type { FairMarket } from './basis-process.ts'
import { addressOf } from './participant.ts'
import type { Participant } from './participant.ts'
import { pushSweep } from './sweep-order.ts'

export interface Burst {
  /** After the start, seconds. */
  readonly atSec: number
  readonly side: Side
  readonly orderCount: number
  readonly overMs: number
  readonly depthBps: number
  /** Taken on top of what stands in the way, dollars. */
  readonly clipUsd: number
}

export function createSweeper(options: {
  readonly name: string
  readonly startTsMs: number
  readonly market: FairMarket
  readonly bursts: readonly Burst[]
}): Participant {
  const { name, market, startTsMs } = options
  const account = addressOf(name)
  const plan = options.bursts.flatMap((burst) => {
    assert(burst.orderCount > 0 && burst.overMs >= 0, 'a burst has orders and a length')
    return Array.from({ length: burst.orderCount }, (_, index) => ({
      burst,
      tsMs: startTsMs + burst.atSec * 1000 + (burst.overMs * index) / burst.orderCount,
    }))
  })
  plan.sort((left, right) => left.tsMs - right.tsMs)
  let next = 0
  return {
    name,
    account,
    genesis: genesisOf(account, market.instrument),
    latencyBlocks: 0,
    onBlock(view, out) {
      for (let due = plan[next]; due !== undefined && due.tsMs <= view.tsMs; due = plan[next]) {
        const { side, depthBps, clipUsd } = due.burst
        pushSweep({ exchange: view.exchange, account, market, side, depthBps, clipUsd }, out)
        next += 1
      }
    },
  }
}
