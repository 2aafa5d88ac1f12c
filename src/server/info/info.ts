/** What an info request is to the wire: a shape and an answer. Unknown keys are ignored, as the venue does. */
import type { z } from 'zod'
import type { VenueContext } from '../context.ts'
import { parseWith } from '../wire/fields.ts'

/**
 * @returns a JSON-safe answer; null where the venue answers `null`
 * @throws MalformedRequest when the request has another shape
 */
export type InfoHandler = (context: VenueContext, request: unknown) => unknown

export function defineInfo<Request>(
  schema: z.ZodType<Request>,
  answer: (context: VenueContext, request: Request) => unknown,
): InfoHandler {
  return (context, raw) => answer(context, parseWith(schema, raw))
}

/** The time range of a request: open-ended when the client leaves it so. */
export function toRange(request: {
  readonly startTime?: number | undefined
  readonly endTime?: number | undefined
}): { readonly startTsMs: number; readonly endTsMs: number } {
  return { startTsMs: request.startTime ?? 0, endTsMs: request.endTime ?? Number.MAX_SAFE_INTEGER }
}
