/**
 * The exchange's order rules once more, as plainly as they can be said: one array of orders, sorted for every match;
 * positions and cash summed from fills. Slow, and without margin, funding and time. The oracle of the matching tests.
 */
import type { AccountAction, OrderAnswer, OrderRef, OrderRequest } from '../../src/exchange/command.ts'

interface NaiveOrder {
  readonly oid: number
  readonly account: string
  readonly request: OrderRequest
  /** Time priority. */
  readonly sequence: number
  remaining: number
}

export interface NaiveTrade {
  readonly priceTicks: number
  readonly sizeLots: number
  readonly buyer: string
  readonly seller: string
  readonly aggressor: 'buy' | 'sell'
}

export type NaiveAnswer = OrderAnswer | { readonly kind: 'success' }

const MIN_NOTIONAL = 10_000_000

export class NaiveExchange {
  orders: NaiveOrder[] = []
  readonly trades: NaiveTrade[] = []
  /** `oid:status`, in order. */
  readonly statuses: string[] = []
  readonly positions: Map<string, number> = new Map()
  /** Proceeds of sells less cost of buys, before fees. */
  readonly raw: Map<string, number> = new Map()
  private oidLast = 0
  private readonly assetId: number
  private readonly priceDecimals: number
  private readonly markTicks: number

  constructor(assetId: number, priceDecimals: number, markTicks: number) {
    this.assetId = assetId
    this.priceDecimals = priceDecimals
    this.markTicks = markTicks
  }

  act(account: string, action: AccountAction): NaiveAnswer[] {
    switch (action.kind) {
      case 'order':
        return action.orders.map((order) => this.place(account, order))
      case 'cancel':
        return action.cancels.map(({ ref }) => this.cancel(account, ref))
      case 'modify':
        return action.modifies.map(({ ref, order }) => this.modify(account, ref, order, action.always))
      default:
        throw new Error(`not in this model: ${action.kind}`)
    }
  }

  position(account: string): number {
    return this.positions.get(account) ?? 0
  }

  private error(text: string): NaiveAnswer {
    return { kind: 'error', text: `${text} asset=${this.assetId}` }
  }

  private reject(oid: number, status: string, text: string): NaiveAnswer {
    this.statuses.push(`${oid}:${status}`)
    return this.error(text)
  }

  private onGrid(priceTicks: number): boolean {
    const [whole = '', fraction = ''] = (priceTicks / 10 ** this.priceDecimals)
      .toFixed(this.priceDecimals)
      .split('.')
    const shown = fraction.replace(/0+$/, '')
    return shown === '' || `${whole}${shown}`.replace(/^0+/, '').length <= 5
  }

  private place(account: string, request: OrderRequest): NaiveAnswer {
    if (request.sizeLots === 0) return { kind: 'error', text: 'Order has zero size.' }
    const oid = ++this.oidLast
    if (!this.onGrid(request.priceTicks))
      return this.reject(oid, 'tickRejected', 'Price must be divisible by tick size.')
    if (Math.abs(request.priceTicks - this.markTicks) > 0.8 * this.markTicks) {
      this.statuses.push(`${oid}:rejected`)
      return { kind: 'error', text: 'Order price cannot be more than 80% away from the reference price' }
    }
    const position = this.position(account)
    const reducible = request.side === 'buy' ? Math.max(0, -position) : Math.max(0, position)
    if (request.reduceOnly && reducible === 0) {
      return this.reject(oid, 'reduceOnlyRejected', 'Reduce only order would increase position.')
    }
    const closesAll = request.reduceOnly
      ? request.sizeLots >= reducible
      : request.sizeLots === reducible && reducible > 0
    if (request.priceTicks * request.sizeLots < MIN_NOTIONAL && !closesAll) {
      return this.reject(oid, 'minTradeNtlRejected', 'Order must have minimum value of $10.')
    }
    const opposite = this.sorted(request.side === 'buy' ? 'sell' : 'buy')
    const best = opposite[0]
    const crossing = best !== undefined && this.reaches(request, best.request.priceTicks)
    if (request.tif === 'Alo' && crossing) {
      const bid = this.sorted('buy')[0]?.request.priceTicks ?? 0
      const ask = this.sorted('sell')[0]?.request.priceTicks ?? 0
      const scale = 10 ** this.priceDecimals
      return this.reject(
        oid,
        'badAloPxRejected',
        `Post only order would have immediately matched, bbo was ${bid / scale}@${ask / scale}.`,
      )
    }
    if (!crossing && request.tif === 'FrontendMarket' && best === undefined) {
      return this.reject(oid, 'marketOrderNoLiquidityRejected', 'No liquidity available for market order.')
    }
    if (!crossing && (request.tif === 'Ioc' || request.tif === 'FrontendMarket')) return this.unmatched(oid)
    return this.match(
      account,
      request,
      oid,
      request.reduceOnly ? Math.min(request.sizeLots, reducible) : request.sizeLots,
    )
  }

  private unmatched(oid: number): NaiveAnswer {
    const text = 'Order could not immediately match against any resting orders.'
    return this.reject(oid, 'iocCancelRejected', text)
  }

  private match(account: string, request: OrderRequest, oid: number, lots: number): NaiveAnswer {
    let remaining = lots
    let notional = 0
    while (remaining > 0) {
      const maker = this.sorted(request.side === 'buy' ? 'sell' : 'buy')[0]
      if (maker === undefined || !this.reaches(request, maker.request.priceTicks)) break
      if (maker.account === account) {
        this.end(maker, 'selfTradeCanceled')
        continue
      }
      const size = Math.min(remaining, maker.remaining)
      remaining -= size
      notional += size * maker.request.priceTicks
      this.trade(account, maker, request.side, size)
    }
    const cloid = request.cloid
    if (remaining > 0 && (request.tif === 'Gtc' || request.tif === 'Alo')) {
      this.orders.push({ oid, account, request, sequence: oid, remaining })
      this.statuses.push(`${oid}:open`)
      return { kind: 'resting', oid, cloid }
    }
    if (remaining === lots) return this.unmatched(oid)
    this.statuses.push(`${oid}:filled`)
    return { kind: 'filled', oid, cloid, totalLots: lots - remaining, notionalMicroUsd: notional }
  }

  private trade(taker: string, maker: NaiveOrder, aggressor: 'buy' | 'sell', sizeLots: number): void {
    const priceTicks = maker.request.priceTicks
    const [buyer, seller] = aggressor === 'buy' ? [taker, maker.account] : [maker.account, taker]
    this.trades.push({ priceTicks, sizeLots, buyer, seller, aggressor })
    this.positions.set(buyer, this.position(buyer) + sizeLots)
    this.positions.set(seller, this.position(seller) - sizeLots)
    this.raw.set(buyer, (this.raw.get(buyer) ?? 0) - priceTicks * sizeLots)
    this.raw.set(seller, (this.raw.get(seller) ?? 0) + priceTicks * sizeLots)
    maker.remaining -= sizeLots
    if (maker.remaining === 0) this.end(maker, 'filled')
    else this.statuses.push(`${maker.oid}:open`)
    this.fitReduceOnly(maker.account)
    this.fitReduceOnly(taker)
  }

  private fitReduceOnly(account: string): void {
    for (const order of this.orders.filter((one) => one.account === account && one.request.reduceOnly)) {
      const position = this.position(account)
      const reducible = order.request.side === 'buy' ? Math.max(0, -position) : Math.max(0, position)
      if (reducible === 0) this.end(order, 'reduceOnlyCanceled')
      else order.remaining = Math.min(order.remaining, reducible)
    }
  }

  private end(order: NaiveOrder, status: string): void {
    this.orders = this.orders.filter((one) => one !== order)
    this.statuses.push(`${order.oid}:${status}`)
  }

  private reaches(request: OrderRequest, priceTicks: number): boolean {
    return request.side === 'buy' ? priceTicks <= request.priceTicks : priceTicks >= request.priceTicks
  }

  /** One side, best price first, then oldest first. */
  sorted(side: 'buy' | 'sell'): NaiveOrder[] {
    const sign = side === 'buy' ? -1 : 1
    return this.orders
      .filter((order) => order.request.side === side)
      .sort((a, b) => sign * (a.request.priceTicks - b.request.priceTicks) || a.sequence - b.sequence)
  }

  private find(account: string, ref: OrderRef): NaiveOrder | undefined {
    return this.orders.find(
      (order) =>
        order.account === account &&
        ('oid' in ref ? order.oid === ref.oid : order.request.cloid === ref.cloid),
    )
  }

  private cancel(account: string, ref: OrderRef): NaiveAnswer {
    const order = this.find(account, ref)
    if (order === undefined) return this.error('Order was never placed, already canceled, or filled.')
    this.end(order, 'canceled')
    return { kind: 'success' }
  }

  private modify(account: string, ref: OrderRef, request: OrderRequest, always: boolean): NaiveAnswer {
    if (request.sizeLots === 0) return { kind: 'error', text: 'Order has zero size.' }
    if (!this.onGrid(request.priceTicks)) return this.error('Price must be divisible by tick size.')
    const order = this.find(account, ref)
    if (order === undefined) {
      return always ? this.place(account, request) : this.error('Cannot modify canceled or filled order.')
    }
    const old = order.request
    const same =
      old.side === request.side &&
      old.priceTicks === request.priceTicks &&
      old.tif === request.tif &&
      old.reduceOnly === request.reduceOnly &&
      old.cloid === request.cloid
    if (!same || request.sizeLots > order.remaining) {
      this.end(order, 'canceled')
      return this.place(account, request)
    }
    const position = this.position(account)
    const reducible = request.side === 'buy' ? Math.max(0, -position) : Math.max(0, position)
    const closesAll =
      reducible > 0 && (request.reduceOnly ? request.sizeLots >= reducible : request.sizeLots === reducible)
    if (request.priceTicks * request.sizeLots < MIN_NOTIONAL && !closesAll) {
      return this.error('Order must have minimum value of $10.')
    }
    if (request.sizeLots < order.remaining) {
      order.remaining = request.sizeLots
      this.statuses.push(`${order.oid}:open`)
    }
    return { kind: 'resting', oid: order.oid, cloid: request.cloid }
  }
}
