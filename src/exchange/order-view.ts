/**
 * An order as events show it, read from its slot when somebody looks: an event costs nothing for fields nobody reads.
 * One per exchange. It shows the order of the last event only: whoever keeps an order longer has to copy it (`copyOrder`).
 */
import type { Side } from '../core/units.ts'
import type { Address, OrderTif, TriggerSpec } from './command.ts'
import type { OrderView } from './event.ts'
import {
  FLAG_NAMED,
  ownerOf,
  TIF_SHIFT,
  TIFS,
  UNPLACED,
  type OrderPool,
  type WORD_FLAGS,
} from './order-index.ts'

const FLAGS: typeof WORD_FLAGS = 11

/** What an order is told of its owner. */
interface Owner {
  readonly account: { readonly address: Address }
  readonly market: { readonly instrument: { readonly assetId: number } }
}

export class ShownOrder implements OrderView {
  slot: number = UNPLACED
  private readonly pool: OrderPool<Owner>

  constructor(pool: OrderPool<Owner>) {
    this.pool = pool
  }

  get oid(): number {
    return this.pool.records[this.slot << 3]!
  }

  get account(): Address {
    return ownerOf(this.pool, this.slot).account.address
  }

  get assetId(): number {
    return ownerOf(this.pool, this.slot).market.instrument.assetId
  }

  get side(): Side {
    return (this.flags & 1) !== 0 ? 'buy' : 'sell'
  }

  get priceTicks(): number {
    return this.pool.records[(this.slot << 3) | 1]!
  }

  get originalLots(): number {
    return this.pool.records[(this.slot << 3) | 2]!
  }

  get remainingLots(): number {
    return this.pool.records[(this.slot << 3) | 3]!
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
    return this.pool.records[(this.slot << 3) | 4]!
  }

  /** A copy that may be kept, made of one look at the record. */
  copy(): OrderView {
    const { pool, slot } = this
    const { records } = pool
    const at = slot << 3
    const { flags } = this
    const { account, market } = ownerOf(pool, slot)
    const isNamed = (flags & FLAG_NAMED) !== 0
    return {
      oid: records[at]!,
      account: account.address,
      assetId: market.instrument.assetId,
      side: (flags & 1) !== 0 ? 'buy' : 'sell',
      priceTicks: records[at | 1]!,
      originalLots: records[at | 2]!,
      remainingLots: records[at | 3]!,
      reduceOnly: (flags & 2) !== 0,
      tif: TIFS[(flags >> TIF_SHIFT) & 3]!,
      trigger: isNamed ? (pool.trigger[slot]?.spec ?? null) : null,
      cloid: isNamed ? pool.cloid[slot]! : null,
      placedTsMs: records[at | 4]!,
    }
  }

  private get flags(): number {
    return this.pool.words[(this.slot << 4) | FLAGS]!
  }
}

/** A copy that may be kept. */
export function copyOrder(order: OrderView): OrderView {
  if (order instanceof ShownOrder) return order.copy()
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
