/** Fills, trades and funding payments as the venue shows them. */
import { signOf } from '../../core/units.ts'
import type { FillEvent, FundingEvent, TradeEvent } from '../../exchange/event.ts'
import { type Directory, dexAt, instrumentOf } from '../directory.ts'
import { fromMicroUsd, fromRate, fromWhole } from './decimals.ts'
import { eventHash, NO_HASH, toHex, toWireSide } from './hex.ts'
import type { WireFill, WireFunding, WireFundingDelta, WireTrade } from './types.ts'

export function toFill(directory: Directory, fill: FillEvent): WireFill {
  const { coin, grid, dexIndex } = instrumentOf(directory, fill.assetId)
  const { liquidation } = fill
  return {
    coin,
    px: fromWhole(fill.priceTicks, grid.priceDecimals),
    sz: fromWhole(fill.sizeLots, grid.szDecimals),
    side: toWireSide(fill.side),
    time: fill.tsMs,
    startPosition: fromWhole(fill.startPositionLots, grid.szDecimals),
    dir: directionOf(fill),
    closedPnl: fromMicroUsd(fill.closedPnlMicroUsd),
    hash:
      liquidation === null && fill.twapId === null ? eventHash({ tsMs: fill.tsMs, id: fill.tid }) : NO_HASH,
    oid: fill.oid,
    crossed: fill.crossed,
    fee: fromMicroUsd(fill.feeMicroUsd),
    tid: fill.tid,
    feeToken: dexAt(directory, dexIndex).collateral.name,
    twapId: fill.twapId,
    ...(fill.builderFeeMicroUsd > 0 ? { builderFee: fromMicroUsd(fill.builderFeeMicroUsd) } : {}),
    ...(fill.cloid === null ? {} : { cloid: toHex(fill.cloid) }),
    ...(liquidation === null
      ? {}
      : {
          liquidation: {
            liquidatedUser: toHex(liquidation.account),
            markPx: fromWhole(liquidation.markTicks, grid.priceDecimals),
            // The venue tells a forced close from a takeover by `dir` alone.
            method: liquidation.method === 'market' ? 'market' : 'backstop',
          },
        }),
  }
}

export function toTrade(directory: Directory, trade: TradeEvent): WireTrade {
  const { coin, grid } = instrumentOf(directory, trade.assetId)
  return {
    coin,
    side: toWireSide(trade.aggressor),
    px: fromWhole(trade.priceTicks, grid.priceDecimals),
    sz: fromWhole(trade.sizeLots, grid.szDecimals),
    time: trade.tsMs,
    hash: eventHash({ tsMs: trade.tsMs, id: trade.tid }),
    tid: trade.tid,
    users: [toHex(trade.buyer), toHex(trade.seller)],
  }
}

export function toFundingDelta(directory: Directory, funding: FundingEvent): WireFundingDelta {
  const { coin, grid } = instrumentOf(directory, funding.assetId)
  return {
    coin,
    usdc: fromMicroUsd(funding.amountMicroUsd),
    szi: fromWhole(funding.positionLots, grid.szDecimals),
    fundingRate: fromRate(funding.rate),
    nSamples: null,
  }
}

export function toFunding(directory: Directory, funding: FundingEvent): WireFunding {
  return {
    time: funding.tsMs,
    hash: NO_HASH,
    delta: { type: 'funding', ...toFundingDelta(directory, funding) },
  }
}

/**
 * `Open Long`, `Close Short`, `Long > Short`, …: what the fill did to the position it met. A position that was taken over, not sold
 * in the book, was `Liquidated Cross Long` or alike, and who had to close against it meets `Auto-Deleveraging`.
 */
export function directionOf(fill: FillEvent): string {
  const { liquidation, startPositionLots: before } = fill
  if (liquidation !== null && liquidation.method !== 'market') {
    const margin = liquidation.isCross ? 'Cross' : 'Isolated'
    if (liquidation.account === fill.account) return `Liquidated ${margin} ${before > 0 ? 'Long' : 'Short'}`
    if (liquidation.method === 'adl') return 'Auto-Deleveraging'
  }
  const after = before + signOf(fill.side) * fill.sizeLots
  const isOpening = before === 0 || Math.sign(before) === signOf(fill.side)
  if (isOpening) return fill.side === 'buy' ? 'Open Long' : 'Open Short'
  if (after !== 0 && Math.sign(after) !== Math.sign(before))
    return before > 0 ? 'Long > Short' : 'Short > Long'
  return before > 0 ? 'Close Long' : 'Close Short'
}

/** Fills of one order at one time and price become one, with their sizes, fees and profits summed. */
export function aggregateFills(fills: readonly FillEvent[]): FillEvent[] {
  const gathered = new Map<string, FillEvent>()
  for (const fill of fills) {
    const key = `${fill.tsMs}/${fill.oid}/${fill.priceTicks}/${fill.crossed}`
    const before = gathered.get(key)
    gathered.set(key, before === undefined ? fill : sumOf(before, fill))
  }
  return [...gathered.values()]
}

function sumOf(a: FillEvent, b: FillEvent): FillEvent {
  return {
    ...a,
    sizeLots: a.sizeLots + b.sizeLots,
    closedPnlMicroUsd: a.closedPnlMicroUsd + b.closedPnlMicroUsd,
    feeMicroUsd: a.feeMicroUsd + b.feeMicroUsd,
    builderFeeMicroUsd: a.builderFeeMicroUsd + b.builderFeeMicroUsd,
  }
}
