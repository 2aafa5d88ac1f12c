/**
 * An order as events show it, read from its slot when somebody looks: an event costs nothing for fields nobody reads.
 * One per exchange. It tells of the order of the last event only, so who keeps an order copies it.
 */
import type { Side } from '../core/units.ts'
import type { Address, OrderTif, TriggerSpec } from './command.ts'
import type { OrderView } from './event.ts'
import { FLAG_NAMED, TIF_SHIFT, TIFS, UNPLACED, type OrderPool } from './order-index.ts'
import type { Holding } from './state.ts'

export class ShownOrder implements OrderView {
  slot: number = UNPLACED
  private readonly pool: OrderPool<Holding>

  constructor(pool: OrderPool<Holding>) {
    this.pool = pool
  }

  get oid(): number {
    return this.pool.records[this.slot * 8]!
  }

  get account(): Address {
    return this.pool.holding[this.slot]!.account.address
  }

  get assetId(): number {
    return this.pool.holding[this.slot]!.market.instrument.assetId
  }

  get side(): Side {
    return (this.flags & 1) !== 0 ? 'buy' : 'sell'
  }

  get priceTicks(): number {
    return this.pool.records[this.slot * 8 + 1]!
  }

  get originalLots(): number {
    return this.pool.records[this.slot * 8 + 2]!
  }

  get remainingLots(): number {
    return this.pool.records[this.slot * 8 + 3]!
  }

  get reduceOnly(): boolean {
    return (this.flags & 2) !== 0
  }

  get tif(): OrderTif {
    return TIFS[(this.flags >> TIF_SHIFT) & 3]!
  }

  get trigger(): TriggerSpec | null {
    return (this.flags & FLAG_NAMED) === 0 ? null : (this.pool.trigger[this.slot]?.spec ?? null)
  }

  get cloid(): string | null {
    return (this.flags & FLAG_NAMED) === 0 ? null : this.pool.cloid[this.slot]!
  }

  get placedTsMs(): number {
    return this.pool.records[this.slot * 8 + 4]!
  }

  private get flags(): number {
    return this.pool.words[this.slot * 16 + 15]!
  }
}

/** A copy that may be kept. */
export function copyOrder(order: OrderView): OrderView {
  const { oid, account, assetId, side, priceTicks, originalLots } = order
  const { remainingLots, reduceOnly, tif, trigger, cloid, placedTsMs } = order
  return {
    oid,
    account,
    assetId,
    side,
    priceTicks,
    originalLots,
    remainingLots,
    reduceOnly,
    tif,
    trigger,
    cloid,
    placedTsMs,
  }
}
