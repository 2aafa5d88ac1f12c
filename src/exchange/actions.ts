/** What an account may ask for besides orders and transfers: leverage, margin, a scheduled cancel, weight, a referrer. */
import { isWhole } from '../core/assert.ts'
import { MICRO_USD_PER_USD } from '../core/units.ts'
import { payVenue } from './accounting.ts'
import { DONE, refused } from './command-answer.ts'
import type { Action, CommandAnswer } from './command.ts'
import { forgetRates } from './fees.ts'
import { holdingFor } from './genesis.ts'
import {
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
import { positionNotional } from './position.ts'
import { touchPurse } from './risk-list.ts'
import { DAY_MS, type Account, type Exchange } from './state.ts'

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
