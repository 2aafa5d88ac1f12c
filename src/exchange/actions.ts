/**
 * What an account may ask for besides single orders: batches, leverage, margin, scheduled cancels, transfers.
 * Long because it is a list: one function per action.
 */
import { isWhole } from '../core/assert.ts'
import { MICRO_USD_PER_USD } from '../core/units.ts'
import { moveMoney, payVenue, spotBalance, tokenBooksOf, type Pocket } from './accounting.ts'
import { builderFault } from './builders.ts'
import { cancelOrder } from './canceling.ts'
import type {
  AccountAction,
  BuilderFee,
  CommandAnswer,
  OrderAnswer,
  OrderRequest,
  Place as MoneyPlace,
} from './command.ts'
import { forgetRates } from './fees.ts'
import { accountFor, holdingFor, purseFor } from './genesis.ts'
import {
  AMOUNT_MICRO_USD_MAX,
  BATCH_UNITS_MAX,
  REQUEST_WEIGHT_MAX,
  REQUEST_WEIGHT_MICRO_USD,
  SCHEDULE_CANCEL_AHEAD_MS_MIN,
  SCHEDULE_CANCEL_FIRINGS_MAX,
} from './limits.ts'
import {
  freeMargin,
  isolatedEquity,
  maxLeverageAt,
  positionMargin,
  removableIsolated,
  withdrawable,
} from './margin.ts'
import { NO_SLOT, setChildren, slotOfOid, type TriggerGroup } from './order-index.ts'
import { armGroup } from './order-life.ts'
import { modifyOrder } from './modifying.ts'
import { lastAnswer } from './outcome.ts'
import { ALONE, placeOrder, type Place } from './placing.ts'
import { positionNotional } from './position.ts'
import { touchPurse } from './risk-list.ts'
import { DAY_MS, type Account, type Exchange } from './state.ts'

type Action<K extends AccountAction['kind']> = Extract<AccountAction, { readonly kind: K }>

const refused = (text: string): CommandAnswer => ({ kind: 'refused', text })
const DONE: CommandAnswer = { kind: 'done' }
const OVER_WEIGHT = refused(`Signed action over weight limit of ${BATCH_UNITS_MAX}.`)

export function placeBatch(exchange: Exchange, account: Account, action: Action<'order'>): CommandAnswer {
  if (action.orders.length > BATCH_UNITS_MAX) return OVER_WEIGHT
  if (action.orders.length === 0) return refused('Action has no orders.')
  const builder = action.builder ?? null
  const fault = builder === null ? null : builderFault(builder)
  if (fault !== null) return refused(fault)
  switch (action.grouping) {
    case 'na':
      return {
        kind: 'orders',
        answers: action.orders.map((order) => placed(exchange, account, order, ALONE, builder)),
      }
    case 'positionTpsl':
      return placePositionGroup(exchange, account, action.orders, builder)
    case 'normalTpsl':
      return placeWithChildren(exchange, account, action.orders, builder)
  }
}

function placed(
  exchange: Exchange,
  account: Account,
  order: OrderRequest,
  place: Place,
  builder: BuilderFee | null,
): OrderAnswer {
  // The id that the order will have, if it becomes one; an order that ends takes its builder with it.
  const oid = exchange.oidLast + 1
  if (builder !== null && builder.feePpb > 0) exchange.builderByOid.set(oid, builder)
  placeOrder(exchange, account, order, place)
  if (exchange.oidLast < oid) exchange.builderByOid.delete(oid)
  return lastAnswer(exchange)
}

function placePositionGroup(
  exchange: Exchange,
  account: Account,
  orders: readonly OrderRequest[],
  builder: BuilderFee | null,
): CommandAnswer {
  if (orders.some((order) => order.trigger === null || !order.reduceOnly)) {
    return refused('Orders of a position group must be reduce-only TP/SL orders.')
  }
  const group: TriggerGroup = { oids: [], followsPosition: true }
  return {
    kind: 'orders',
    answers: orders.map((order) => placed(exchange, account, order, { group, armed: true }, builder)),
  }
}

/** The first order is the parent; the others wait until it filled, and end when it ends unfilled. */
function placeWithChildren(
  exchange: Exchange,
  account: Account,
  orders: readonly OrderRequest[],
  builder: BuilderFee | null,
): CommandAnswer {
  const [parent, ...children] = orders
  if (parent === undefined || parent.trigger !== null)
    return refused('The first order of the group must be plain.')
  if (children.some((order) => order.trigger === null))
    return refused('The children of the group must be TP/SL orders.')
  const first = placed(exchange, account, parent, ALONE, builder)
  if (first.kind === 'error') {
    return { kind: 'orders', answers: orders.map((): OrderAnswer => ({ kind: 'error', text: first.text })) }
  }
  const group: TriggerGroup = { oids: [], followsPosition: false }
  const answers = children.map((order) => placed(exchange, account, order, { group, armed: false }, builder))
  const parentSlot = slotOfOid(exchange.pool, first.oid)
  if (parentSlot !== NO_SLOT) {
    setChildren(exchange.pool, parentSlot, group)
    return { kind: 'orders', answers: [first, ...answers] }
  }
  armGroup(exchange, group)
  const armed = answers.map((one) =>
    one.kind === 'waitingForFill' ? { ...one, kind: 'waitingForTrigger' as const } : one,
  )
  return { kind: 'orders', answers: [first, ...armed] }
}

export function cancelBatch(exchange: Exchange, account: Account, action: Action<'cancel'>): CommandAnswer {
  if (action.cancels.length > BATCH_UNITS_MAX) return OVER_WEIGHT
  if (action.cancels.length === 0) return refused('Action has no cancels.')
  const answers = action.cancels.map((cancel) => cancelOrder(exchange, account, cancel.assetId, cancel.ref))
  return { kind: 'cancels', answers }
}

export function modifyBatch(exchange: Exchange, account: Account, action: Action<'modify'>): CommandAnswer {
  if (action.modifies.length > BATCH_UNITS_MAX) return OVER_WEIGHT
  if (action.modifies.length === 0) return refused('Action has no modifies.')
  const answers = action.modifies.map((one) => {
    modifyOrder(exchange, account, one.ref, one.order, action.always)
    return lastAnswer(exchange)
  })
  return { kind: 'orders', answers }
}

export function updateLeverage(
  exchange: Exchange,
  account: Account,
  action: Action<'updateLeverage'>,
): CommandAnswer {
  const market = exchange.marketByAssetId.get(action.assetId)
  if (market === undefined) return refused(`Invalid asset ${action.assetId}`)
  const { marginPolicy, marginTiers } = market.instrument
  const most = marginTiers[0]!.maxLeverage
  if (!isWhole(action.leverage) || action.leverage < 1 || action.leverage > most)
    return refused('Invalid leverage value')
  if (action.isCross && marginPolicy !== 'normal')
    return refused('Cross margin is not allowed for this asset.')
  const holding = holdingFor(exchange, account, market)
  if (holding.sizeLots !== 0 && holding.isCross !== action.isCross) {
    return refused('Cannot switch leverage type with open position.')
  }
  if (action.leverage > maxLeverageAt(marginTiers, positionNotional(holding)))
    return refused('Invalid leverage value')

  const before = { leverage: holding.leverage, isCross: holding.isCross }
  holding.leverage = action.leverage
  holding.isCross = action.isCross
  const lowers = action.leverage < before.leverage
  const missing =
    holding.sizeLots !== 0 && !holding.isCross && lowers
      ? Math.max(0, positionMargin(holding) - isolatedEquity(holding))
      : 0
  if (lowers && freeMargin(holding.purse) < missing) {
    holding.leverage = before.leverage
    holding.isCross = before.isCross
    return refused(`Insufficient margin to lower leverage. asset=${action.assetId}`)
  }
  touchPurse(holding.purse)
  holding.purse.cashMicroUsd -= missing
  holding.isolatedMicroUsd += missing
  return DONE
}

export function updateIsolatedMargin(
  exchange: Exchange,
  account: Account,
  action: Action<'updateIsolatedMargin'>,
): CommandAnswer {
  const market = exchange.marketByAssetId.get(action.assetId)
  const holding = market === undefined ? undefined : account.holdings.get(market.index)
  const delta = action.deltaMicroUsd
  if (holding === undefined || holding.isCross || holding.sizeLots === 0) {
    return refused(`No isolated position to change the margin of. asset=${action.assetId}`)
  }
  if (!isWhole(delta)) return refused(`Isolated margin must change by whole micro-dollars, not ${delta}`)
  if (delta < 0 && holding.market.instrument.marginPolicy === 'strictIsolated') {
    return refused(`Margin of a strictly isolated position cannot be removed. asset=${action.assetId}`)
  }
  const most = delta > 0 ? withdrawable(holding.purse) : removableIsolated(holding)
  if (Math.abs(delta) > most)
    return refused(`Insufficient margin to update isolated margin. asset=${action.assetId}`)
  touchPurse(holding.purse)
  holding.isolatedMicroUsd += delta
  holding.purse.cashMicroUsd -= delta
  return DONE
}

export function scheduleCancel(
  exchange: Exchange,
  account: Account,
  action: Action<'scheduleCancel'>,
): CommandAnswer {
  const gate = exchange.options.scheduleCancelVolumeGateMicroUsd
  if (account.tradedMicroUsd < gate) {
    const required = gate / MICRO_USD_PER_USD
    const traded = account.tradedMicroUsd / MICRO_USD_PER_USD
    return refused(
      `Cannot set scheduled cancel time until enough volume traded. Required: $${required}. Traded: $${traded}.`,
    )
  }
  const at = action.atTsMs
  if (at === null) {
    account.scheduledCancelTsMs = null
    exchange.scheduled.delete(account)
    return DONE
  }
  if (!isWhole(at) || at < exchange.tsMs + SCHEDULE_CANCEL_AHEAD_MS_MIN) {
    return refused(
      `Scheduled cancel time must be at least ${SCHEDULE_CANCEL_AHEAD_MS_MIN / 1000} seconds in the future.`,
    )
  }
  const today = Math.floor(exchange.tsMs / DAY_MS)
  if (account.firingDay === today && account.firingCount >= SCHEDULE_CANCEL_FIRINGS_MAX) {
    return refused(`Scheduled cancel has been triggered ${SCHEDULE_CANCEL_FIRINGS_MAX} times today.`)
  }
  account.scheduledCancelTsMs = at
  exchange.scheduled.add(account)
  return DONE
}

export function transfer(exchange: Exchange, account: Account, action: Action<'transfer'>): CommandAnswer {
  const { amountMicroUsd, fromDex, toDex } = action
  const tokenIndex = tokenOfTransfer(exchange, action)
  if (typeof tokenIndex === 'string') return refused(tokenIndex)
  if (!isWhole(amountMicroUsd) || amountMicroUsd <= 0 || amountMicroUsd > AMOUNT_MICRO_USD_MAX) {
    return refused(`Transfer amount must be positive whole micro-dollars, not ${amountMicroUsd}`)
  }
  const isNew = !exchange.accountByAddress.has(action.to)
  const activation = isNew ? exchange.options.activationFeeMicroUsd : 0
  if (movable(account, fromDex, tokenIndex) < amountMicroUsd || amountMicroUsd <= activation) {
    return refused('Insufficient balance for token transfer')
  }
  if (action.to === account.address && fromDex === toDex) return DONE
  const source = pocketOf(exchange, account, fromDex, tokenIndex)
  const target = pocketOf(exchange, accountFor(exchange, action.to), toDex, tokenIndex)
  moveMoney(exchange, source, target, amountMicroUsd, activation, action.via ?? 'sendAsset')
  return DONE
}

/** @returns the token that moves, or why none can */
function tokenOfTransfer(exchange: Exchange, action: Action<'transfer'>): number | string {
  const sides = [action.fromDex, action.toDex].filter((place): place is number => place !== 'spot')
  const stranger = sides.find((index) => exchange.dexs[index] === undefined)
  if (stranger !== undefined) return `Unknown DEX ${stranger}`
  const tokens = sides.map((index) => exchange.dexs[index]!.spec.collateral)
  const [first, second] = tokens
  if (first !== undefined && second !== undefined && first.index !== second.index) {
    return `Collateral of the two DEXs differs: ${first.name} and ${second.name}`
  }
  const tokenIndex = action.tokenIndex ?? first?.index
  if (tokenIndex === undefined) return 'A transfer within the spot ledger names its token'
  if (tokenBooksOf(exchange, tokenIndex) === undefined) return `Unknown token ${tokenIndex}`
  if (first === undefined || first.index === tokenIndex) return tokenIndex
  return `The DEX keeps its money in ${first.name}, not in token ${tokenIndex}`
}

function movable(account: Account, place: MoneyPlace, tokenIndex: number): number {
  if (place === 'spot') return spotBalance(account, tokenIndex)
  const purse = account.purses[place]
  return purse ? withdrawable(purse) : 0
}

function pocketOf(exchange: Exchange, account: Account, place: MoneyPlace, tokenIndex: number): Pocket {
  if (place === 'spot') return { kind: 'spot', account, books: tokenBooksOf(exchange, tokenIndex)! }
  return { kind: 'purse', purse: purseFor(exchange, account, place) }
}

/** Requests beyond the budget; what they are good for is the wire layer's to count. */
export function reserveRequestWeight(
  exchange: Exchange,
  account: Account,
  action: Action<'reserveRequestWeight'>,
): CommandAnswer {
  const { weight } = action
  if (!isWhole(weight) || weight < 1 || weight > REQUEST_WEIGHT_MAX) {
    return refused(`Request weight must be a whole number from 1 to ${REQUEST_WEIGHT_MAX}, not ${weight}`)
  }
  const purse = account.purses[0]
  const cost = weight * REQUEST_WEIGHT_MICRO_USD
  if (!purse || withdrawable(purse) < cost) return refused('Insufficient balance to reserve request weight.')
  payVenue(exchange, purse, cost)
  return DONE
}

/** From now on the account's fees are discounted. */
export function setReferrer(account: Account): CommandAnswer {
  if (account.isReferred) return refused('Referrer already set.')
  account.isReferred = true
  forgetRates(account)
  return DONE
}
