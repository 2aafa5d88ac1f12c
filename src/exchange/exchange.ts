/**
 * The exchange: apply(state, command) → answer and events. Pure and deterministic: time, oracle prices and money from
 * outside are commands, and the same commands give the same events and the same hash.
 *
 *   block    time moves: premium samples and funding hours → scheduled cancels → marks → triggers → liquidations → TWAP slices
 *   oracle   the same from the mark on, for one market
 *   action   expiry → nonce → what the account asks for
 * Long because the stages of a command are to be read in one file.
 */
import { assertNever, isWhole } from '../core/assert.ts'
import { creditFromOutside } from './accounting.ts'
import {
  reserveRequestWeight,
  scheduleCancel,
  setReferrer,
  updateIsolatedMargin,
  updateLeverage,
} from './actions.ts'
import { claimRewards } from './builders.ts'
import { cancelScheduled } from './canceling.ts'
import { DONE, refused } from './command-answer.ts'
import type { AccountAction, CommandAnswer, ExchangeCommand } from './command.ts'
import { deploy } from './deploy.ts'
import type { ExchangeEvent } from './event.ts'
import { advanceFunding } from './funding.ts'
import { accountFor, purseFor } from './genesis.ts'
import { mixCommand, mixRefusals } from './hash.ts'
import { AMOUNT_MICRO_USD_MAX, BLOCK_JUMP_MS_MAX, DEX_MICRO_USD_MAX } from './limits.ts'
import { forceLiquidation, haltMarket, setMarginTable } from './interventions.ts'
import { withdrawable } from './margin.ts'
import { rollHours } from './matching.ts'
import { resetProtection, setProtection } from './mmp.ts'
import { takeNonce } from './nonce.ts'
import { deployerMarks } from './oracle.ts'
import { cancelBatch, modifyBatch, placeBatch } from './order-actions.ts'
import { DAY_MS, type Account, type Exchange } from './state.ts'
import { refreshMark } from './refresh-mark.ts'
import { transfer } from './transfer.ts'
import { cancelTwap, runTwaps, startTwap } from './twap.ts'

export { createExchange } from './genesis.ts'
export { fullStateHash, stateHash } from './hash.ts'
export { conservation, netPositionLots, outsideByToken } from './accounting.ts'
export type { Exchange, ExchangeOptions } from './state.ts'

export interface Applied {
  readonly answer: CommandAnswer
  /** In the order they happened; a fresh array each time. */
  readonly events: readonly ExchangeEvent[]
}

/**
 * Applies one command.
 * @returns its answer and the events it caused; a refused command caused none
 * @throws InvariantError when the exchange contradicts itself: a bug, never the command's fault
 */
export function apply(exchange: Exchange, command: ExchangeCommand): Applied {
  const events: ExchangeEvent[] = []
  return { answer: applyInto(exchange, command, events), events }
}

/**
 * The same for drivers of many commands.
 * @param events gets what the command caused, after what stands there
 * @returns its answer
 * @throws InvariantError as `apply`
 */
export function applyInto(
  exchange: Exchange,
  command: ExchangeCommand,
  events: ExchangeEvent[],
): CommandAnswer {
  const { collector, sink } = exchange
  collector.events = events
  exchange.sink = collector
  exchange.commandCount += 1
  mixCommand(exchange, command)
  const answer = answerTo(exchange, command)
  mixRefusals(exchange.lanes, answer)
  exchange.sink = sink
  return answer
}

function answerTo(exchange: Exchange, command: ExchangeCommand): CommandAnswer {
  switch (command.kind) {
    case 'block':
      return advance(exchange, command.tsMs)
    case 'oracle':
      return setOracle(exchange, command.assetId, command.oracleTicks)
    case 'deposit':
      return deposit(exchange, command)
    case 'marginTable':
      return setMarginTable(exchange, command)
    case 'liquidate':
      return forceLiquidation(exchange, command.account, command.dexIndex)
    case 'halt':
      return haltMarket(exchange, command.assetId, command.isHalted)
    case 'protect':
      return setProtection(exchange, command)
    case 'resetProtection':
      return resetProtection(exchange, command)
    case 'action':
      return act(exchange, command)
    default:
      return assertNever(command)
  }
}

function advance(exchange: Exchange, tsMs: number): CommandAnswer {
  if (!isWhole(tsMs) || tsMs < exchange.tsMs)
    return refused(`Time does not go back: ${tsMs} < ${exchange.tsMs}`)
  if (tsMs - exchange.tsMs > BLOCK_JUMP_MS_MAX) {
    return refused(`One block spans at most ${BLOCK_JUMP_MS_MAX} ms, not ${tsMs - exchange.tsMs}`)
  }
  advanceFunding(exchange, tsMs)
  exchange.tsMs = tsMs
  exchange.day = Math.floor(tsMs / DAY_MS)
  for (const account of exchange.scheduled) fireScheduledCancel(exchange, account)
  for (const market of exchange.markets) {
    rollHours(market, tsMs)
    refreshMark(exchange, market)
  }
  runTwaps(exchange)
  return DONE
}

function fireScheduledCancel(exchange: Exchange, account: Account): void {
  const at = account.scheduledCancelTsMs
  if (at === null || at > exchange.tsMs) return
  account.scheduledCancelTsMs = null
  exchange.scheduled.delete(account)
  const today = Math.floor(exchange.tsMs / DAY_MS)
  account.firingCount = account.firingDay === today ? account.firingCount + 1 : 1
  account.firingDay = today
  cancelScheduled(exchange, account)
}

function setOracle(exchange: Exchange, assetId: number, oracleTicks: number): CommandAnswer {
  const market = exchange.marketByAssetId.get(assetId)
  if (market === undefined) return refused(`Unknown asset ${assetId}`)
  if (!isWhole(oracleTicks) || oracleTicks <= 0) {
    return refused(`Oracle price must be a positive whole number of ticks, not ${oracleTicks}`)
  }
  // While its deployer speaks for a market, the venue's own feed does not.
  if (deployerMarks(market, exchange.tsMs) !== null) return DONE
  market.oracleTicks = oracleTicks
  refreshMark(exchange, market)
  return DONE
}

function deposit(
  exchange: Exchange,
  command: Extract<ExchangeCommand, { readonly kind: 'deposit' }>,
): CommandAnswer {
  const { account: address, dexIndex, amountMicroUsd } = command
  if (exchange.dexs[dexIndex] === undefined) return refused(`Unknown DEX ${dexIndex}`)
  if (!isWhole(amountMicroUsd) || amountMicroUsd === 0 || Math.abs(amountMicroUsd) > AMOUNT_MICRO_USD_MAX) {
    return refused(`Deposit must be whole micro-dollars other than 0, not ${amountMicroUsd}`)
  }
  if (amountMicroUsd < 0) {
    const purse = exchange.accountByAddress.get(address)?.purses[dexIndex]
    if (!purse || withdrawable(purse) < -amountMicroUsd)
      return refused('Insufficient balance for withdrawal.')
  }
  if (exchange.dexs[dexIndex].books.outsideMicroUsd + amountMicroUsd > DEX_MICRO_USD_MAX) {
    return refused(`The DEX would hold more than ${DEX_MICRO_USD_MAX} micro-dollars`)
  }
  creditFromOutside(exchange, purseFor(exchange, accountFor(exchange, address), dexIndex), amountMicroUsd)
  return DONE
}

function act(
  exchange: Exchange,
  command: Extract<ExchangeCommand, { readonly kind: 'action' }>,
): CommandAnswer {
  const account = exchange.accountByAddress.get(command.account)
  if (account === undefined) return refused(`User or API Wallet ${command.signer} does not exist.`)
  if (command.expiresAfterMs !== null && exchange.tsMs > command.expiresAfterMs) {
    return refused('Action already expired')
  }
  if (command.nonce !== null) {
    let window = exchange.nonces.get(command.signer)
    if (window === undefined) exchange.nonces.set(command.signer, (window = []))
    const wrong = takeNonce(window, command.nonce, exchange.tsMs)
    if (wrong !== null) return refused(wrong)
  }
  return perform(exchange, account, command.action)
}

function perform(exchange: Exchange, account: Account, action: AccountAction): CommandAnswer {
  switch (action.kind) {
    case 'order':
      return placeBatch(exchange, account, action)
    case 'cancel':
      return cancelBatch(exchange, account, action)
    case 'modify':
      return modifyBatch(exchange, account, action)
    case 'updateLeverage':
      return updateLeverage(exchange, account, action)
    case 'updateIsolatedMargin':
      return updateIsolatedMargin(exchange, account, action)
    case 'scheduleCancel':
      return scheduleCancel(exchange, account, action)
    case 'transfer':
      return transfer(exchange, account, action)
    case 'reserveRequestWeight':
      return reserveRequestWeight(exchange, account, action)
    case 'claimRewards':
      return claimRewards(exchange, account)
    case 'setReferrer':
      return setReferrer(account)
    case 'twapOrder':
      return startTwap(exchange, account, action)
    case 'twapCancel':
      return cancelTwap(exchange, account, action)
    case 'deploy':
      return deploy(exchange, account, action.change)
    case 'noop':
      return DONE
    default:
      return assertNever(action)
  }
}
