/**
 * The states of one order of ours, and what each word of the venue does to them: one table, state × event, the same
 * as in docs/order-states.md (a test reads it).
 *
 * A cell is the next state; `open` means `resting`, or `partialFilled` once something filled; `=` keeps the state;
 * `?` keeps it and asks the venue; `!word` keeps it and reports an anomaly. Fills are counted in every state.
 */
import { assertNever, assert } from '../assert.ts'

export type OrderState =
  | 'placing'
  | 'resting'
  | 'partialFilled'
  | 'cancelPending'
  | 'cancelConfirmed'
  | 'uncertain'
  | 'filled'
  | 'filledImmediately'
  | 'filledDuringCancel'
  | 'cancelled'
  | 'rejected'
  | 'expired'

export const ORDER_EVENTS = [
  'accepted',
  'refused',
  'cancelRequested',
  'cancelDone',
  'cancelGone',
  'cancelFailed',
  'sendLost',
  'fillPart',
  'fillRest',
  'venueOpen',
  'venueFilled',
  'venueCancelled',
  'venueRejected',
  'venueUnknown',
  'windowPassed',
] as const

export type OrderEventKind = (typeof ORDER_EVENTS)[number]

/** What a message meant to an order beyond moving it. */
export type Anomaly = 'lateFill' | 'outOfOrder' | 'overfilled'

export type Outcome = 'moved' | 'kept' | 'ask' | Anomaly

/** Rows: state; columns: the events in the order of `ORDER_EVENTS`. */
export const ORDER_TABLE: Readonly<Record<OrderState, string>> = {
  placing:
    'open rejected = cancelConfirmed ? = uncertain open filledImmediately open ? cancelConfirmed rejected = =',
  resting: '= !outOfOrder cancelPending cancelConfirmed ? = ? open filled = ? cancelConfirmed cancelled ? =',
  partialFilled:
    '= !outOfOrder cancelPending cancelConfirmed ? = ? open filled = ? cancelConfirmed cancelled ? =',
  cancelPending:
    '= uncertain = cancelConfirmed ? open uncertain = filledDuringCancel = ? cancelConfirmed cancelled cancelled =',
  cancelConfirmed: '= = = = = = = = filledDuringCancel !outOfOrder = cancelConfirmed = = cancelled',
  uncertain: 'open rejected = cancelConfirmed ? = = open filled open ? cancelConfirmed rejected expired =',
  filled: '= = = = = = = !lateFill !lateFill !outOfOrder = = = = =',
  filledImmediately: '= = = = = = = !lateFill !lateFill !outOfOrder = = = = =',
  filledDuringCancel: '= = = = = = = !lateFill !lateFill !outOfOrder = = = = =',
  cancelled: '= = = = = = = !lateFill !lateFill !outOfOrder = = = = =',
  rejected: '!outOfOrder = = = = = = !lateFill !lateFill !outOfOrder = = = = =',
  expired: '!outOfOrder = = = = = = !lateFill !lateFill !outOfOrder = = = = =',
}

const CELLS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(ORDER_TABLE).map(([state, row]) => [state, row.split(' ')]),
)
const EVENT_INDEX: Readonly<Record<string, number>> = Object.fromEntries(
  ORDER_EVENTS.map((event, index) => [event, index]),
)

/** Only these may be modified or cancelled: the venue has said that they rest. */
export function isActive(state: OrderState): boolean {
  return state === 'resting' || state === 'partialFilled'
}

/** The order has ended as far as we know; a late fill is still counted. */
export function isTerminal(state: OrderState): boolean {
  switch (state) {
    case 'filled':
    case 'filledImmediately':
    case 'filledDuringCancel':
    case 'cancelled':
    case 'rejected':
    case 'expired':
      return true
    case 'placing':
    case 'resting':
    case 'partialFilled':
    case 'cancelPending':
    case 'cancelConfirmed':
    case 'uncertain':
      return false
    default:
      return assertNever(state)
  }
}

/**
 * Looks up the table.
 * @param hasFills whether something of the order filled, which tells `resting` from `partialFilled`
 */
export function nextState(
  state: OrderState,
  event: OrderEventKind,
  hasFills: boolean,
): { readonly state: OrderState; readonly outcome: Outcome } {
  const cell = CELLS[state]?.[EVENT_INDEX[event] ?? -1]
  assert(cell !== undefined, 'the order table has a cell for every state and event')
  if (cell === '=') return { state, outcome: 'kept' }
  if (cell === '?') return { state, outcome: 'ask' }
  if (cell === '!lateFill') return { state, outcome: 'lateFill' }
  if (cell === '!outOfOrder') return { state, outcome: 'outOfOrder' }
  if (cell === 'open') return { state: hasFills ? 'partialFilled' : 'resting', outcome: 'moved' }
  // The table's remaining words are states; the test of the table proves it.
  return { state: cell as OrderState, outcome: 'moved' }
}
