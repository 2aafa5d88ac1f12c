/** What a subscription is to the wire: a shape, a channel, a first message and what each block adds. */
import type { z } from 'zod'
import type {
  FillEvent,
  FundingEvent,
  LiquidationEvent,
  OrderEvent,
  TradeEvent,
  TwapEvent,
} from '../../exchange/event.ts'
import type { Block } from '../../simulation/world.ts'
import type { VenueContext } from '../context.ts'
import type { LedgerLine } from '../history.ts'

/** The events of one block, by whom they concern. Made once a block for all feeds. */
export interface BlockDigest {
  readonly tsMs: number
  readonly fills: ReadonlyMap<string, readonly FillEvent[]>
  readonly orders: ReadonlyMap<string, readonly OrderEvent[]>
  readonly fundings: ReadonlyMap<string, readonly FundingEvent[]>
  readonly liquidations: ReadonlyMap<string, readonly LiquidationEvent[]>
  readonly ledger: ReadonlyMap<string, readonly LedgerLine[]>
  readonly twaps: ReadonlyMap<string, readonly TwapEvent[]>
  readonly trades: ReadonlyMap<number, readonly TradeEvent[]>
}

/** One live subscription, shared by all clients who asked for the same. */
export interface Feed {
  readonly channel: string
  /** The account it follows; null for public ones. */
  readonly user: string | null
  /** For a new subscriber, right after the acknowledgement. Each entry is the `data` of one frame. */
  snapshot(): readonly unknown[]
  /** After a block, for all subscribers. */
  onBlock(digest: BlockDigest): readonly unknown[]
}

/** @returns null when the subscription has another shape or names something that is not here */
export type FeedKind = (context: VenueContext, subscription: unknown) => Feed | null

export function defineFeed<Subscription>(
  schema: z.ZodType<Subscription>,
  open: (context: VenueContext, subscription: Subscription) => Feed | null,
): FeedKind {
  return (context, raw) => {
    const parsed = schema.safeParse(raw)
    return parsed.success ? open(context, parsed.data) : null
  }
}

export function digestBlock(block: Block, ledger: ReadonlyMap<string, readonly LedgerLine[]>): BlockDigest {
  const fills = new Map<string, FillEvent[]>()
  const orders = new Map<string, OrderEvent[]>()
  const fundings = new Map<string, FundingEvent[]>()
  const liquidations = new Map<string, LiquidationEvent[]>()
  const twaps = new Map<string, TwapEvent[]>()
  const trades = new Map<number, TradeEvent[]>()
  for (const event of block.events) {
    if (event.kind === 'fill') add(fills, event.account, event)
    else if (event.kind === 'order') add(orders, event.order.account, event)
    else if (event.kind === 'funding') add(fundings, event.account, event)
    else if (event.kind === 'liquidation') add(liquidations, event.account, event)
    else if (event.kind === 'twap') add(twaps, event.account, event)
    else if (event.kind === 'trade') add(trades, event.assetId, event)
  }
  return { tsMs: block.tsMs, fills, orders, fundings, liquidations, ledger, twaps, trades }
}

/** True when the block did something to this account. */
export function concerns(digest: BlockDigest, user: string): boolean {
  const { fills, orders, fundings, liquidations, ledger, twaps } = digest
  return [fills, orders, fundings, liquidations, ledger, twaps].some((byAccount) => byAccount.has(user))
}

/**
 * A feed that shows a whole: it is sent when it changed, but at most every `everyMs` of venue time.
 * @param isUrgent lets it be sent in this block whatever the time
 */
export function changingFeed(options: {
  readonly channel: string
  readonly user: string | null
  readonly everyMs: number
  readonly read: () => unknown
  readonly isUrgent?: (digest: BlockDigest) => boolean
}): Feed {
  const { channel, user, everyMs, read, isUrgent } = options
  let lastTsMs = -Infinity
  let lastText = ''
  return {
    channel,
    user,
    snapshot: () => [read()],
    onBlock: (digest) => {
      if (digest.tsMs - lastTsMs < everyMs && isUrgent?.(digest) !== true) return []
      const data = read()
      const text = JSON.stringify(data)
      if (text === lastText) return []
      lastTsMs = digest.tsMs
      lastText = text
      return [data]
    },
  }
}

/** A feed of things that have no history here: only its first message, if it has one. */
export function stillFeed(channel: string, user: string | null, snapshot: readonly unknown[]): Feed {
  return { channel, user, snapshot: () => snapshot, onBlock: () => [] }
}

function add<Key, Item>(map: Map<Key, Item[]>, key: Key, item: Item): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [item])
  else known.push(item)
}
