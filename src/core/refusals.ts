/**
 * What follows a refused order: one treatment for each class of refusal. All of them end in waiting, twice as long each time
 * until the venue takes an order again, and never longer than a minute; what differs is whom it holds back, how soon it is
 * tried again, and whether our picture of the account may be wrong.
 */
import type { RefusalClass } from './input.ts'
import type { SideBackoff } from './state.ts'
import type { Side } from './units.ts'

interface RefusalTreatment {
  /** Whose new orders wait: the side of the refused one, both, or nobody's. */
  readonly holds: 'side' | 'both' | 'nobody'
  /** First and longest wait, ms. */
  readonly waitMsMin: number
  readonly waitMsMax: number
  /** Position, margin and orders are compared with the venue at once. */
  readonly compares: boolean
}

const MINUTE_MS = 60_000
const NONE: RefusalTreatment = { holds: 'nobody', waitMsMin: 0, waitMsMax: 0, compares: false }

/** `docs/errors.md` shows this table, and a test compares the two. */
export const REFUSAL_TREATMENTS: Readonly<Record<RefusalClass, RefusalTreatment>> = {
  // Requests are what is short, whichever side they are for.
  rate: { holds: 'both', waitMsMin: 1_000, waitMsMax: MINUTE_MS, compares: false },
  // The next cycle prices from a newer book.
  price: { holds: 'side', waitMsMin: 250, waitMsMax: MINUTE_MS, compares: false },
  // The market moved while the order was on its way: ordinary, and soon over.
  postOnly: { holds: 'side', waitMsMin: 250, waitMsMax: 5_000, compares: false },
  size: { holds: 'side', waitMsMin: 1_000, waitMsMax: MINUTE_MS, compares: false },
  margin: { holds: 'side', waitMsMin: 1_000, waitMsMax: MINUTE_MS, compares: true },
  // We believe in a position that the venue does not see.
  reduceOnly: { holds: 'side', waitMsMin: 250, waitMsMax: MINUTE_MS, compares: true },
  // A cap of the venue on this market or this leverage; it does not go away within seconds.
  position: { holds: 'side', waitMsMin: 5_000, waitMsMax: MINUTE_MS, compares: true },
  // A matter of clocks and delay, of everything that we send.
  nonce: { holds: 'both', waitMsMin: 250, waitMsMax: MINUTE_MS, compares: false },
  // The old leg of a modify has ended: its place is simply free.
  gone: NONE,
  unknown: { holds: 'side', waitMsMin: 1_000, waitMsMax: MINUTE_MS, compares: true },
}

/** Refusals of one batch, and of what was sent before the first of them came, count as one: only a new try doubles the wait. */
export function backOff(
  backoff: Record<Side, SideBackoff>,
  refused: { readonly side: Side; readonly refusal: RefusalClass; readonly tsMs: number },
): void {
  const { holds, waitMsMin, waitMsMax } = REFUSAL_TREATMENTS[refused.refusal]
  if (holds === 'nobody') return
  const sides: readonly Side[] = holds === 'both' ? ['buy', 'sell'] : [refused.side]
  for (const side of sides) {
    const wait = backoff[side]
    const isNewTry = refused.tsMs >= wait.untilTsMs
    wait.delayMs = Math.min(Math.max(isNewTry ? 2 * wait.delayMs : wait.delayMs, waitMsMin), waitMsMax)
    wait.untilTsMs = Math.max(wait.untilTsMs, refused.tsMs + wait.delayMs)
  }
}
