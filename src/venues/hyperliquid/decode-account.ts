/**
 * The account on one DEX: `clearinghouseState`, `openOrders`, `userRateLimit` and funding payments. All of it is read from
 * that DEX's own state: the main one says nothing about a builder DEX, and would read as a flat position.
 */
import type { BudgetInput, FundingPaid, OpenOrder } from '../../core/input.ts'
import type { MarginMode } from '../../core/market.ts'
import type { Grid } from '../../core/units.ts'
import { lotsOf, microUsdOf, realTicksOf, signedLotsOf, ticksOf } from './decimal.ts'
import {
  cloidOf,
  flagOf,
  listOf,
  malformed,
  recordOf,
  sideOf,
  textOf,
  wholeFieldOf,
  type WireRecord,
} from './wire.ts'

export interface AccountState {
  readonly positionLots: number
  readonly cashMicroUsd: number
  readonly accountValueMicroUsd: number
  readonly withdrawableMicroUsd: number
  readonly isolatedMarginMicroUsd: number | null
  readonly liquidationTicks: number | null
  /** How the open position is margined; null without one. */
  readonly positionMode: MarginMode | null
  readonly venueTsMs: number
}

export function decodeAccountState(answer: unknown, coin: string, grid: Grid): AccountState {
  const state = recordOf(answer, 'clearinghouseState')
  const summary = recordOf(state['marginSummary'], 'marginSummary')
  const position = positionOf(state, coin)
  const leverage = position === null ? null : recordOf(position['leverage'], 'leverage')
  const positionMode = leverage === null ? null : modeOf(leverage)
  const liquidation = position?.['liquidationPx'] ?? null
  return {
    positionLots: position === null ? 0 : signedLotsOf(position['szi'], grid),
    cashMicroUsd: microUsdOf(summary['totalRawUsd']),
    accountValueMicroUsd: microUsdOf(summary['accountValue']),
    withdrawableMicroUsd: microUsdOf(state['withdrawable']),
    isolatedMarginMicroUsd: positionMode === 'isolated' ? microUsdOf(position?.['marginUsed']) : null,
    liquidationTicks: liquidation === null ? null : realTicksOf(liquidation, grid),
    positionMode,
    venueTsMs: wholeFieldOf(state, 'time'),
  }
}

function positionOf(state: WireRecord, coin: string): WireRecord | null {
  for (const entry of listOf(state['assetPositions'], 'assetPositions')) {
    const position = recordOf(recordOf(entry, 'assetPosition')['position'], 'position')
    if (textOf(position, 'coin') === coin) return position
  }
  return null
}

function modeOf(leverage: WireRecord): MarginMode {
  const type = leverage['type']
  if (type === 'cross' || type === 'isolated') return type
  throw malformed('leverage type is cross or isolated', type)
}

/** @returns the orders that rest on `coin`, ours or not */
export function decodeOpenOrders(answer: unknown, coin: string, grid: Grid): OpenOrder[] {
  const orders: OpenOrder[] = []
  for (const entry of listOf(answer, 'openOrders')) {
    const order = recordOf(entry, 'open order')
    if (textOf(order, 'coin') !== coin) continue
    orders.push({
      oid: wholeFieldOf(order, 'oid'),
      cloid: cloidOf(order),
      side: sideOf(order),
      priceTicks: ticksOf(order['limitPx'], grid),
      remainingLots: lotsOf(order['sz'], grid),
      reduceOnly: flagOf(order, 'reduceOnly'),
    })
  }
  return orders
}

export function decodeRateLimit(answer: unknown): BudgetInput {
  const limit = recordOf(answer, 'userRateLimit')
  return {
    kind: 'budget',
    usedCount: wholeFieldOf(limit, 'nRequestsUsed'),
    capCount: wholeFieldOf(limit, 'nRequestsCap'),
  }
}

/** `userFundings` frame -> payments on `coin`, oldest first. */
export function decodeFundings(data: unknown, coin: string): FundingPaid[] {
  const payments: FundingPaid[] = []
  for (const entry of listOf(recordOf(data, 'userFundings')['fundings'], 'fundings')) {
    const funding = recordOf(entry, 'funding')
    if (textOf(funding, 'coin') !== coin) continue
    payments.push({
      kind: 'fundingPaid',
      amountMicroUsd: microUsdOf(funding['usdc']),
      venueTsMs: wholeFieldOf(funding, 'time'),
    })
  }
  return payments.sort((left, right) => left.venueTsMs - right.venueTsMs)
}
