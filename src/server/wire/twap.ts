/** TWAP orders as the venue shows them. */
import type { TwapEvent, TwapView } from '../../exchange/event.ts'
import { type Directory, instrumentOf } from '../directory.ts'
import { fromMicroUsd, fromWhole } from './decimals.ts'
import { toHex, toWireSide } from './hex.ts'
import type { WireTwapHistory, WireTwapState } from './types.ts'

const MS_PER_SEC = 1_000

export function toTwapState(directory: Directory, twap: TwapView): WireTwapState {
  const { coin, grid } = instrumentOf(directory, twap.assetId)
  return {
    coin,
    user: toHex(twap.account),
    side: toWireSide(twap.side),
    sz: fromWhole(twap.sizeLots, grid.szDecimals),
    executedSz: fromWhole(twap.executedLots, grid.szDecimals),
    executedNtl: fromMicroUsd(twap.executedMicroUsd),
    minutes: twap.minutes,
    reduceOnly: twap.reduceOnly,
    randomize: twap.randomize,
    timestamp: twap.startTsMs,
  }
}

export function toTwapHistory(directory: Directory, event: TwapEvent): WireTwapHistory {
  const { status, description, twap, tsMs } = event
  return {
    time: Math.floor(tsMs / MS_PER_SEC),
    state: toTwapState(directory, twap),
    status: status === 'error' ? { status, description: description ?? '' } : { status },
    twapId: twap.twapId,
  }
}
