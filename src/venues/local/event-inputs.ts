/** Events of the exchange as the maker's inputs: what the market's tape and the account's own streams would tell. */
import type { RawInput, VenueOrderStatus } from '../../core/input.ts'
import type { ExchangeEvent, OrderStatusWord } from '../../exchange/event.ts'

/** Pushes what this event tells the account, or a watcher of the market, if anything. */
export function pushInputs(event: ExchangeEvent, assetId: number, account: string, out: RawInput[]): void {
  switch (event.kind) {
    case 'trade': {
      if (event.assetId !== assetId) return
      const { tsMs, tid, aggressor, priceTicks, sizeLots } = event
      out.push({ kind: 'trade', venueTsMs: tsMs, tid, aggressor, priceTicks, sizeLots })
      return
    }
    case 'fill':
      if (event.assetId === assetId && event.account === account) out.push(fillInput(event))
      return
    case 'order':
      if (event.order.assetId === assetId && event.order.account === account) out.push(orderInput(event))
      return
    case 'funding':
      if (event.assetId !== assetId || event.account !== account) return
      out.push({ kind: 'fundingPaid', amountMicroUsd: event.amountMicroUsd, venueTsMs: event.tsMs })
      return
    case 'ledger':
    case 'liquidation':
    case 'twap':
      return
  }
}

function fillInput(event: Extract<ExchangeEvent, { kind: 'fill' }>): RawInput {
  const { tsMs, tid, oid, cloid, side, priceTicks, sizeLots } = event
  const { feeMicroUsd, closedPnlMicroUsd, startPositionLots, crossed } = event
  return {
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
  }
}

function orderInput({ order, status, tsMs }: Extract<ExchangeEvent, { kind: 'order' }>): RawInput {
  return {
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
  }
}

/** The venue's many words in the few that decide. */
export function statusOf(word: OrderStatusWord): VenueOrderStatus {
  if (word === 'open' || word === 'triggered') return 'open'
  if (word === 'filled') return 'filled'
  return word.endsWith('ejected') ? 'rejected' : 'cancelled'
}
