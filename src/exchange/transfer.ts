/** Money that its owner moves: between DEXs, to and from the spot ledger, to another account. */
import { isWhole } from '../core/assert.ts'
import { moveMoney, spotBalance, tokenBooksOf, type Pocket } from './accounting.ts'
import { DONE, refused } from './command-answer.ts'
import type { Action, CommandAnswer, Place } from './command.ts'
import { accountFor, purseFor } from './genesis.ts'
import { AMOUNT_MICRO_USD_MAX } from './limits.ts'
import { withdrawable } from './margin.ts'
import type { Account, Exchange } from './state.ts'

/** A new account pays for its activation out of what it receives. */
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

function movable(account: Account, place: Place, tokenIndex: number): number {
  if (place === 'spot') return spotBalance(account, tokenIndex)
  const purse = account.purses[place]
  return purse ? withdrawable(purse) : 0
}

function pocketOf(exchange: Exchange, account: Account, place: Place, tokenIndex: number): Pocket {
  if (place === 'spot') return { kind: 'spot', account, books: tokenBooksOf(exchange, tokenIndex)! }
  return { kind: 'purse', purse: purseFor(exchange, account, place) }
}
