/** What every trading participant shares: its account, its money at genesis, and the shape of its commands. */
import type { AccountAction, Address, ExchangeCommand, OrderRequest } from '../exchange/command.ts'
import type { Instrument } from '../exchange/instrument.ts'
import { MICRO_USD_PER_USD } from '../core/units.ts'
import type { Participant } from './participant.ts'

/** So much that a participant's limits are its own, never its margin. */
const AGENT_DEPOSIT_USD = 1_000_000_000
/** What participants may bring to one DEX together: the rest of what it holds is for those who come over the wire. */
const CROWD_MICRO_USD_MAX = 8_000_000_000_000_000

/**
 * Money on the market's DEX and, where cross margin is not allowed, leverage 1, so that a participant is not liquidated
 * by an ordinary move.
 */
export function genesisOf(account: Address, instrument: Instrument): ExchangeCommand[] {
  const { assetId, dexIndex, marginPolicy } = instrument
  const deposit: ExchangeCommand = {
    kind: 'deposit',
    account,
    dexIndex,
    amountMicroUsd: AGENT_DEPOSIT_USD * MICRO_USD_PER_USD,
  }
  if (marginPolicy === 'normal') return [deposit]
  return [deposit, toCommand(account, { kind: 'updateLeverage', assetId, isCross: false, leverage: 1 })]
}

/** The same participants, with less money each where a DEX could not hold what all of them bring. */
export function sharingDex(participants: readonly Participant[]): Participant[] {
  const counts = new Map<number, number>()
  for (const { genesis } of participants) {
    for (const command of genesis) {
      if (command.kind === 'deposit') counts.set(command.dexIndex, (counts.get(command.dexIndex) ?? 0) + 1)
    }
  }
  const fit = (command: ExchangeCommand): ExchangeCommand => {
    if (command.kind !== 'deposit') return command
    const most = Math.floor(CROWD_MICRO_USD_MAX / (counts.get(command.dexIndex) ?? 1))
    return command.amountMicroUsd <= most ? command : { ...command, amountMicroUsd: most }
  }
  return participants.map((participant) => ({ ...participant, genesis: participant.genesis.map(fit) }))
}

/** An agent's action: it comes without a wire, so it uses up no nonce. */
export function toCommand(account: Address, action: AccountAction): ExchangeCommand {
  return { kind: 'action', account, signer: account, nonce: null, expiresAfterMs: null, action }
}

/** A taker's order: whatever it finds up to the limit, the rest is gone. */
export function toTakerCommand(
  account: Address,
  order: Pick<OrderRequest, 'assetId' | 'side' | 'priceTicks' | 'sizeLots'>,
): ExchangeCommand {
  const { assetId, side, priceTicks, sizeLots } = order
  const request: OrderRequest = {
    assetId,
    side,
    priceTicks,
    sizeLots,
    reduceOnly: false,
    tif: 'Ioc',
    trigger: null,
    cloid: null,
  }
  return toCommand(account, { kind: 'order', orders: [request], grouping: 'na' })
}

/** The venue's smallest order, dollars. */
const ORDER_USD_MIN = 10

/** Smallest order at this price. */
export function lotsMin(priceTicks: number): number {
  return Math.ceil((ORDER_USD_MIN * MICRO_USD_PER_USD) / priceTicks)
}

/** Whole lots for a notional at a price; rounded down, but never below the venue's minimum. */
export function lotsForUsd(of: { readonly usd: number; readonly priceTicks: number }): number {
  return Math.max(Math.floor((of.usd * MICRO_USD_PER_USD) / of.priceTicks), lotsMin(of.priceTicks))
}
