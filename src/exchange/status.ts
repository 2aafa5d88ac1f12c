/** The status words of orders as small numbers, for the hash and the history. A new word is added at the end. */
import type { OrderStatusWord } from './event.ts'

/** By code. The type check below fails when a word is missing. */
const WORDS = [
  'open',
  'filled',
  'canceled',
  'triggered',
  'rejected',
  'marginCanceled',
  'openInterestCapCanceled',
  'selfTradeCanceled',
  'reduceOnlyCanceled',
  'siblingFilledCanceled',
  'delistedCanceled',
  'liquidatedCanceled',
  'scheduledCancel',
  'tickRejected',
  'minTradeNtlRejected',
  'perpMarginRejected',
  'reduceOnlyRejected',
  'badAloPxRejected',
  'iocCancelRejected',
  'badTriggerPxRejected',
  'marketOrderNoLiquidityRejected',
  'positionIncreaseAtOpenInterestCapRejected',
  'positionFlipAtOpenInterestCapRejected',
  'tooAggressiveAtOpenInterestCapRejected',
  'openInterestIncreaseRejected',
  'oracleRejected',
  'perpMaxPositionRejected',
  'tooManyOpenOrdersRejected',
] as const satisfies readonly OrderStatusWord[]

type Missing = Exclude<OrderStatusWord, (typeof WORDS)[number]>
const complete: Missing extends never ? true : never = true

export const STATUS_WORDS: readonly OrderStatusWord[] = complete ? WORDS : []

export const STATUS_OPEN = 0
export const STATUS_FILLED = 1
export const STATUS_CANCELED = 2
export const STATUS_TRIGGERED = 3

const CODES: ReadonlyMap<OrderStatusWord, number> = new Map(STATUS_WORDS.map((word, code) => [word, code]))

/** The three commonest by comparison, which is cheaper than any table. */
export function statusCode(word: OrderStatusWord): number {
  if (word === 'open') return STATUS_OPEN
  if (word === 'filled') return STATUS_FILLED
  if (word === 'canceled') return STATUS_CANCELED
  return CODES.get(word)!
}
