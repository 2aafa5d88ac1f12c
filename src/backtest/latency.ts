/**
 * How long market data and orders travel in a backtest: models by name, and their draws.
 *
 *   constant:FEED,ORDER                     always so many ms
 *   distribution:P50/P99,P50/P99            log-normal, by median and 99th percentile, of feed and of orders; drawn with a seed
 *   recorded:DIR                            what a journal measured, again and again in its order (latency-recorded.ts)
 *
 * Every draw is whole milliseconds ≥ 0. Nothing overtakes: what was sent later arrives no earlier (delayed-world.ts).
 */
import { assert } from '../core/assert.ts'
import { initSfc32, nextNormal } from '../core/math/sfc32.ts'

export type LatencyModel =
  | { readonly kind: 'constant'; readonly feedMs: number; readonly orderMs: number }
  | { readonly kind: 'distribution'; readonly feed: Quantiles; readonly order: Quantiles }
  | { readonly kind: 'samples'; readonly feedMs: readonly number[]; readonly orderMs: readonly number[] }

export interface Quantiles {
  readonly medianMs: number
  readonly p99Ms: number
}

export interface LatencyDraws {
  readonly feedMs: () => number
  readonly orderMs: () => number
}

/** Longer is an outage, and no latency. */
export const LATENCY_MS_MAX = 60_000
/** The standard normal's 99th percentile. */
const Z99 = 2.3263478740408408

export const LATENCY_TEXT: string = `constant:FEED,ORDER or distribution:P50/P99,P50/P99 in whole ms up to ${LATENCY_MS_MAX}, P99 not below P50 and P50 above 0, or recorded:JOURNAL`

/** @returns null for a text that is neither a constant nor a distribution */
export function parseLatency(text: string): LatencyModel | null {
  const constant = /^constant:(\d+),(\d+)$/.exec(text)
  if (constant !== null) {
    const [feedMs, orderMs] = [Number(constant[1]), Number(constant[2])]
    return Math.max(feedMs, orderMs) <= LATENCY_MS_MAX ? { kind: 'constant', feedMs, orderMs } : null
  }
  const quantiles = /^distribution:(\d+)\/(\d+),(\d+)\/(\d+)$/.exec(text)
  if (quantiles === null) return null
  const feed = { medianMs: Number(quantiles[1]), p99Ms: Number(quantiles[2]) }
  const order = { medianMs: Number(quantiles[3]), p99Ms: Number(quantiles[4]) }
  const isSound = ({ medianMs, p99Ms }: Quantiles): boolean =>
    medianMs > 0 && p99Ms >= medianMs && p99Ms <= LATENCY_MS_MAX
  return isSound(feed) && isSound(order) ? { kind: 'distribution', feed, order } : null
}

/** The same model and seed give the same draws; feed and orders have streams of their own. */
export function drawsOf(model: LatencyModel, seed: number): LatencyDraws {
  switch (model.kind) {
    case 'constant':
      return { feedMs: () => model.feedMs, orderMs: () => model.orderMs }
    case 'distribution':
      return {
        feedMs: logNormal(model.feed, seed, FEED_STREAM),
        orderMs: logNormal(model.order, seed, ORDER_STREAM),
      }
    case 'samples':
      return { feedMs: cycle(model.feedMs), orderMs: cycle(model.orderMs) }
  }
}

const FEED_STREAM = 7_001
const ORDER_STREAM = 7_002

function logNormal({ medianMs, p99Ms }: Quantiles, seed: number, stream: number): () => number {
  const random = initSfc32(seed, stream)
  const spread = Math.log(p99Ms / medianMs) / Z99
  return () => Math.min(Math.round(medianMs * Math.exp(spread * nextNormal(random))), LATENCY_MS_MAX)
}

function cycle(samples: readonly number[]): () => number {
  assert(samples.length > 0, 'there is a recorded latency to draw')
  let index = -1
  return () => {
    index = (index + 1) % samples.length
    return samples[index] ?? 0
  }
}
