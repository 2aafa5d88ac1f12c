/** A plain maker for tests: five equal levels a side around the touch's middle, refreshed when it moves, with a position limit. */
import { signOf, snapAway } from '../../src/core/units.ts'
import type { Grid } from '../../src/core/units.ts'
import type { ExchangeCommand, OrderRequest } from '../../src/exchange/command.ts'
import type { FillEvent } from '../../src/exchange/event.ts'
import { touch } from '../../src/exchange/queries/book.ts'
import { toCommand } from '../../src/simulation/agent-account.ts'
import { addressOf, cloidOf, cloidPrefixOf } from '../../src/simulation/participant.ts'
import type { Participant } from '../../src/simulation/participant.ts'

export interface SymmetricMaker {
  readonly participant: Participant
  readonly fills: FillEvent[]
  positionLots(): number
}

export function symmetricMaker(options: {
  readonly assetId: number
  readonly dexIndex: number
  readonly grid: Grid
  readonly halfSpreadBps: number
  readonly levelStepBps: number
  readonly clipLots: number
  readonly positionLotsMax: number
  readonly latencyBlocks: number
}): SymmetricMaker {
  const { assetId, grid, clipLots, positionLotsMax } = options
  const name = 'symmetric test maker'
  const account = addressOf(name)
  const fills: FillEvent[] = []
  let positionLots = 0
  let midTicksLast = 0
  let positionLotsLast = 0
  let orderCount = 0
  let live: string[] = []

  const participant: Participant = {
    name,
    account,
    genesis: [{ kind: 'deposit', account, dexIndex: options.dexIndex, amountMicroUsd: 1e12 }],
    latencyBlocks: options.latencyBlocks,
    onBlock(view, out: ExchangeCommand[]) {
      for (const event of view.events) {
        if (event.kind !== 'fill' || event.account !== account) continue
        fills.push(event)
        positionLots += signOf(event.side) * event.sizeLots
      }
      const { bidTicks, askTicks } = touch(view.exchange, assetId)
      if (bidTicks === 0 || askTicks === 0) return
      const midTicks = (bidTicks + askTicks) / 2
      const isStill = Math.abs(midTicks / midTicksLast - 1) < 0.5e-4
      if (isStill && positionLots === positionLotsLast) return
      midTicksLast = midTicks
      positionLotsLast = positionLots

      const cancels = live.map((cloid) => ({ assetId, ref: { cloid } }))
      if (cancels.length > 0) out.push(toCommand(account, { kind: 'cancel', cancels }))
      const orders: OrderRequest[] = []
      for (const side of ['buy', 'sell'] as const) {
        for (let level = 0; level < 5; level += 1) {
          // All that could still fill on this side must stay within the limit.
          if (signOf(side) * positionLots + clipLots * (level + 1) > positionLotsMax) continue
          const bps = options.halfSpreadBps + level * options.levelStepBps
          const priceTicks = snapAway(side, midTicks * (1 - signOf(side) * bps * 1e-4), grid)
          orderCount += 1
          const cloid = cloidOf({ prefix: cloidPrefixOf(name), count: orderCount })
          orders.push({
            assetId,
            side,
            priceTicks,
            sizeLots: clipLots,
            reduceOnly: false,
            tif: 'Alo',
            trigger: null,
            cloid,
          })
        }
      }
      live = orders.map((order) => order.cloid ?? '')
      if (orders.length > 0) out.push(toCommand(account, { kind: 'order', orders, grouping: 'na' }))
    },
  }
  return { participant, fills, positionLots: () => positionLots }
}
