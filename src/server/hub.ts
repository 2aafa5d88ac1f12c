/**
 * Live subscriptions: each feed is computed and serialised once a block, whoever many clients share it.
 *
 * state  one entry per distinct subscription that somebody holds
 */
import type { Block } from '../simulation/world.ts'
import type { VenueContext } from './context.ts'
import { netFlowOf, updateHistory } from './history.ts'
import { samplePortfolios } from './portfolio.ts'
import { type BlockDigest, digestBlock, type Feed } from './subscriptions/feed.ts'
import { FEEDS } from './subscriptions/table.ts'

export interface Subscriber {
  send(text: string): void
}

export interface LiveFeed {
  readonly key: string
  readonly feed: Feed
  readonly subscribers: Set<Subscriber>
}

export interface Hub {
  readonly context: VenueContext
  readonly feeds: Map<string, LiveFeed>
}

export function createHub(context: VenueContext): Hub {
  return { context, feeds: new Map() }
}

/** @returns the feed of this subscription, new or shared; null when there is none such */
export function openFeed(hub: Hub, key: string, subscription: unknown): LiveFeed | null {
  const live = hub.feeds.get(key)
  if (live !== undefined) return live
  const type =
    typeof subscription === 'object' && subscription !== null && 'type' in subscription
      ? subscription.type
      : null
  const kind = typeof type === 'string' ? FEEDS.get(type) : undefined
  const feed = kind?.(hub.context, subscription) ?? null
  return feed === null ? null : { key, feed, subscribers: new Set() }
}

/** The first messages are sent here, after the acknowledgement. */
export function joinFeed(hub: Hub, live: LiveFeed, subscriber: Subscriber): void {
  hub.feeds.set(live.key, live)
  live.subscribers.add(subscriber)
  for (const data of live.feed.snapshot()) subscriber.send(toFrame(live.feed.channel, data))
}

export function leaveFeed(hub: Hub, live: LiveFeed, subscriber: Subscriber): void {
  live.subscribers.delete(subscriber)
  if (live.subscribers.size === 0) hub.feeds.delete(live.key)
}

/** What a block did becomes history first, so that every message of this block already agrees with it. */
export function publishBlock(hub: Hub, block: Block): void {
  const { history, directory, exchange, portfolios } = hub.context
  const ledger = updateHistory(history, directory, exchange, block)
  samplePortfolios(portfolios, exchange, block.tsMs, (account) => netFlowOf(history, account))
  if (hub.feeds.size === 0) return
  const digest = digestBlock(block, ledger)
  for (const live of hub.feeds.values()) publish(hub, live, digest)
}

function publish(hub: Hub, { key, feed, subscribers }: LiveFeed, digest: BlockDigest): void {
  try {
    for (const data of feed.onBlock(digest)) {
      const text = toFrame(feed.channel, data)
      for (const subscriber of subscribers) subscriber.send(text)
    }
  } catch (error) {
    // A fault of one feed must not stop the block of everybody else.
    hub.context.log('error', 'a feed failed', { subscription: key, error: String(error) })
  }
}

export function toFrame(channel: string, data: unknown): string {
  return JSON.stringify({ channel, data })
}

/** One text for all spellings of a subscription: keys sorted, hex in lower case, null and absent the same. */
export function subscriptionKey(subscription: unknown): string {
  return JSON.stringify(canonical(subscription))
}

function canonical(value: unknown): unknown {
  if (typeof value === 'string') return /^0x[0-9a-f]+$/i.test(value) ? value.toLowerCase() : value
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined && member !== null)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, canonical(member)]),
  )
}
