/** Events of the exchange as the maker's inputs: what the market's tape and the account's own streams would tell. */
import type { RawInput, VenueOrderStatus } from '../../core/input.ts'
import type { ExchangeEvent, OrderStatusWord } from '../../exchange/event.ts'

export function inputsOfEvent(event: ExchangeEvent, assetId: number, account: string): RawInput[] {
  switch (event.kind) {
    case 'trade': {
      if (event.assetId !== assetId) return []
      const { tsMs, tid, aggressor, priceTicks, sizeLots } = event
      return [{ kind: 'trade', venueTsMs: tsMs, tid, aggressor, priceTicks, sizeLots }]
    }
    case 'fill': {
      if (event.assetId !== assetId || event.account !== account) return []
      const { tsMs, tid, oid, cloid, side, priceTicks, sizeLots } = event
      const { feeMicroUsd, closedPnlMicroUsd, startPositionLots, crossed } = event
      return [
        {
          kind: 'fill',
          tid,
          oid,
          cloid,
          side,
          priceTicks,
          sizeLots,
          feeMicroUsd,
          closedPnlMicroUsd,
          startPositionLots,
          crossed,
          liquidation: event.liquidation !== null,
          venueTsMs: tsMs,
        },
      ]
    }
    case 'order': {
      const { order, status, tsMs } = event
      if (order.assetId !== assetId || order.account !== account) return []
      return [
        {
          kind: 'orderUpdate',
          oid: order.oid,
          cloid: order.cloid,
          side: order.side,
          priceTicks: order.priceTicks,
          sizeLots: order.originalLots,
          remainingLots: order.remainingLots,
          status: statusOf(status),
          word: status,
          venueTsMs: tsMs,
        },
      ]
    }
    case 'funding': {
      if (event.assetId !== assetId || event.account !== account) return []
      return [{ kind: 'fundingPaid', amountMicroUsd: event.amountMicroUsd, venueTsMs: event.tsMs }]
    }
    case 'ledger':
    case 'liquidation':
    case 'twap':
      return []
  }
}

/** The venue's many words in the few that decide. */
export function statusOf(word: OrderStatusWord): VenueOrderStatus {
  if (word === 'open' || word === 'triggered') return 'open'
  if (word === 'filled') return 'filled'
  return word.endsWith('ejected') ? 'rejected' : 'cancelled'
}
