/** Lines of an account's ledger other than funding: deposits, withdrawals, transfers, liquidations. */
import { MICRO_USD_PER_USD } from '../../core/units.ts'
import type { Place } from '../../exchange/command.ts'
import type { LedgerEvent, LiquidationEvent } from '../../exchange/event.ts'
import { leverageOf } from '../../exchange/queries/account.ts'
import type { Exchange } from '../../exchange/state.ts'
import { type Directory, dexAt, instrumentOf, tokenAt } from '../directory.ts'
import { fromMicroUsd, fromWhole } from './decimals.ts'
import { NO_HASH, toHex } from './hex.ts'
import type { WireLedgerUpdate } from './types.ts'

/** Charged on each withdrawal, out of the amount. */
export const WITHDRAWAL_FEE_MICRO_USD: number = MICRO_USD_PER_USD

export function toOutsideUpdate(event: LedgerEvent): WireLedgerUpdate {
  const amount = Math.abs(event.amountMicroUsd)
  if (event.amountMicroUsd > 0) return line(event, { type: 'deposit', usdc: fromMicroUsd(amount) })
  // The exchange does not keep the nonce of the request: the time of its block stands for it.
  const fee = Math.min(amount, WITHDRAWAL_FEE_MICRO_USD)
  const paid = { usdc: fromMicroUsd(amount - fee), fee: fromMicroUsd(fee) }
  return line(event, { type: 'withdraw', nonce: event.tsMs, ...paid })
}

/** @param source its amount is negative; the target received that less the fee */
export function toTransferUpdate(
  directory: Directory,
  source: LedgerEvent,
  target: LedgerEvent,
): WireLedgerUpdate {
  const amount = fromMicroUsd(-source.amountMicroUsd)
  const fee = fromMicroUsd(-source.amountMicroUsd - target.amountMicroUsd)
  const parties = { user: toHex(source.account), destination: toHex(target.account) }
  const token = tokenAt(directory, source.tokenIndex).name
  const money = { token, amount, usdcValue: amount, fee, nativeTokenFee: '0.0', feeToken: token }
  switch (source.via) {
    case 'usdSend':
      return line(source, { type: 'internalTransfer', usdc: amount, ...parties, fee })
    case 'usdClassTransfer':
      return line(source, {
        type: 'accountClassTransfer',
        usdc: amount,
        toPerp: target.dexIndex !== 'spot',
      })
    case 'subAccountTransfer':
      return line(source, { type: 'subAccountTransfer', usdc: amount, ...parties })
    case 'spotSend':
      return line(source, { type: 'spotTransfer', ...money, ...parties, nonce: source.tsMs })
    default:
      return line(source, {
        type: 'send',
        ...parties,
        sourceDex: placeName(directory, source.dexIndex),
        destinationDex: placeName(directory, target.dexIndex),
        ...money,
        nonce: source.tsMs,
      })
  }
}

/** What a builder took out. */
export function toRewardUpdate(directory: Directory, event: LedgerEvent): WireLedgerUpdate {
  const token = tokenAt(directory, event.tokenIndex).name
  return line(event, { type: 'rewardsClaim', amount: fromMicroUsd(event.amountMicroUsd), token })
}

function placeName(directory: Directory, place: Place): string {
  return place === 'spot' ? 'spot' : dexAt(directory, place).name
}

export function toLiquidationUpdate(
  directory: Directory,
  exchange: Exchange,
  event: LiquidationEvent,
): WireLedgerUpdate {
  const isCross = event.positions.every(({ assetId }) => leverageOf(exchange, event.account, assetId).isCross)
  return line(event, {
    type: 'liquidation',
    liquidatedNtlPos: fromMicroUsd(event.notionalMicroUsd),
    accountValue: fromMicroUsd(Math.max(0, event.accountValueMicroUsd)),
    leverageType: isCross ? 'Cross' : 'Isolated',
    liquidatedPositions: event.positions.map(({ assetId, sizeLots }) => {
      const { coin, grid } = instrumentOf(directory, assetId)
      return { coin, szi: fromWhole(sizeLots, grid.szDecimals) }
    }),
  })
}

function line(event: { readonly tsMs: number }, delta: WireLedgerUpdate['delta']): WireLedgerUpdate {
  return { time: event.tsMs, hash: NO_HASH, delta }
}
