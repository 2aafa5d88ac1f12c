/** TWAP orders of an account: what became of them, and the fills of their slices. */
import { z } from 'zod'
import type { VenueContext } from '../context.ts'
import { between } from '../history.ts'
import { ringItems } from '../ring.ts'
import { address, maybe, whole } from '../wire/fields.ts'
import { toFill } from '../wire/fills.ts'
import { toTwapHistory } from '../wire/twap.ts'
import type { WireTwapHistory, WireTwapSliceFill } from '../wire/types.ts'
import type { FillEvent } from '../../exchange/event.ts'
import { defineInfo, type InfoHandler, toRange } from './info.ts'
import { FILL_ROWS_MAX } from './money.ts'

const byUser = z.object({ user: address })

export const twapHistory: InfoHandler = defineInfo(byUser, (context, { user }) =>
  twapHistoryOf(context, user),
)

export const userTwapSliceFills: InfoHandler = defineInfo(byUser, (context, { user }) =>
  sliceFillsOf(context, user),
)

export const userTwapSliceFillsByTime: InfoHandler = defineInfo(
  z.object({ user: address, startTime: whole, endTime: maybe(whole), aggregateByTime: maybe(z.boolean()) }),
  (context, request) =>
    toSliceFills(context, between(context.history.accounts.get(request.user)?.fills, toRange(request))).slice(
      0,
      FILL_ROWS_MAX,
    ),
)

/** Newest first. */
export function twapHistoryOf(context: VenueContext, user: string): WireTwapHistory[] {
  return ringItems(context.history.accounts.get(user)?.twaps)
    .reverse()
    .map((event) => toTwapHistory(context.directory, event))
}

/** Newest first. */
export function sliceFillsOf(context: VenueContext, user: string): WireTwapSliceFill[] {
  return toSliceFills(context, ringItems(context.history.accounts.get(user)?.fills))
    .slice(-FILL_ROWS_MAX)
    .reverse()
}

export function toSliceFills(context: VenueContext, fills: readonly FillEvent[]): WireTwapSliceFill[] {
  return fills.flatMap((fill) =>
    fill.twapId === null ? [] : [{ fill: toFill(context.directory, fill), twapId: fill.twapId }],
  )
}
