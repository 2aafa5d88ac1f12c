/**
 * Cancels that do not take: how often one order has been asked to go in a row, and since when. The venue's answer does not count;
 * only the end of the order does. From the third try on the client id is used in turn with the oid: one of the two may be what fails.
 */
import type { CancelCommand } from '../command.ts'
import type { Order, Tracker } from './tracker.ts'

/** An order that was left alone for so long starts anew, ms: the next cancel is another wish. */
const ROW_GAP_MS = 30_000
/** Tries from which on the two names of an order take turns. */
const TURNS_FROM = 3

export interface StuckCancel {
  readonly tries: number
  /** Since the first try, ms. */
  readonly sinceMs: number
}

/** Counts a try. @returns the cancel as it is to be sent */
export function noteCancel(order: Order, command: CancelCommand, tsMs: number): CancelCommand {
  if (order.cancelCount === 0 || tsMs - order.lastCancelTsMs > ROW_GAP_MS) {
    order.cancelCount = 0
    order.firstCancelTsMs = tsMs
  }
  order.cancelCount += 1
  order.lastCancelTsMs = tsMs
  const isTurned = order.cancelCount >= TURNS_FROM && order.cancelCount % 2 === 1
  return isTurned ? { ...command, cloid: order.cloid, byCloid: true } : command
}

/** The order that has been asked most often; null: none twice. */
export function worstCancel(tracker: Tracker, tsMs: number): StuckCancel | null {
  let worst: Order | null = null
  for (const order of tracker.live.values()) {
    const isRunning = order.cancelCount > 1 && tsMs - order.lastCancelTsMs <= ROW_GAP_MS
    if (isRunning && order.cancelCount > (worst?.cancelCount ?? 0)) worst = order
  }
  return worst === null ? null : { tries: worst.cancelCount, sinceMs: tsMs - worst.firstCancelTsMs }
}
