/**
 * What became of the order placed or changed last: written into `exchange.outcome` by whoever decides it, read by whoever
 * asked. One record serves every order, so a run of millions makes no objects; `lastAnswer` copies it for keeping.
 * The sentences that more than one file answers with stand here too, in the venue's words.
 */
import type { OrderAnswer } from './command.ts'
import type { Exchange } from './state.ts'

/** The order was refused, and this is why. */
export function fail(exchange: Exchange, text: string): void {
  exchange.outcome.kind = 'error'
  exchange.outcome.text = text
}

/** The order became one. A filled one has its totals written beside this. */
export function done(
  exchange: Exchange,
  kind: Exclude<OrderAnswer['kind'], 'error'>,
  oid: number,
  cloid: string | null,
): void {
  const { outcome } = exchange
  outcome.kind = kind
  outcome.oid = oid
  outcome.cloid = cloid
}

/** The answer to the order placed last, as an object that may be kept. */
export function lastAnswer(exchange: Exchange): OrderAnswer {
  const { kind, oid, cloid, totalLots, notionalMicroUsd, text } = exchange.outcome
  if (kind === 'error') return { kind, text }
  return kind === 'filled' ? { kind, oid, cloid, totalLots, notionalMicroUsd } : { kind, oid, cloid }
}

/** Of an order that may not rest and met nothing. */
export function noMatchText(assetId: number): string {
  return `Order could not immediately match against any resting orders. asset=${assetId}`
}

/** Of a cancel that names no live order of the account. */
export function unknownOrderText(assetId: number): string {
  return `Order was never placed, already canceled, or filled. asset=${assetId}`
}
