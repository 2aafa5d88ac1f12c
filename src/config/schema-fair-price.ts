/**
 * What the fair price is made of: the part of `[estimators]` about the micro-price and the reference market, and the key that
 * names that market. Apart from `schema.ts` for its length; the type is written out because it is exported.
 */
import type { z } from 'zod'
import { halfLife, real, text, whole, word } from './fields.ts'

interface FairPrice {
  readonly microprice: z.ZodEnum<{ weighted: 'weighted'; chain: 'chain' }>
  readonly microprice_half_life_sec: z.ZodNumber
  readonly microprice_prior_steps: z.ZodNumber
  readonly microprice_gate_usd_low: z.ZodNumber
  readonly microprice_gate_usd_high: z.ZodNumber
  readonly reference_half_life_sec: z.ZodNumber
  readonly reference_lead_half_life_sec: z.ZodNumber
  readonly reference_horizon_ms: z.ZodInt
  readonly reference_max_bps: z.ZodNumber
  readonly reference_stale_ms: z.ZodInt
}

/** Empty, or a coin as the venue names it. */
export const reference: z.ZodString = text(
  /^(?:(?:[A-Za-z0-9]{1,10}:)?[A-Za-z0-9][A-Za-z0-9_-]{0,23})?$/,
  'Another market of the same coin that may be ahead of ours, as the venue names it (`BTC`, `xyz:BTC`); empty: none.',
)

export const fairPrice: FairPrice = {
  microprice: word(
    ['weighted', 'chain'],
    'How the fair price leans: weighted mid, or what followed each imbalance and spread so far.',
  ),
  microprice_half_life_sec: halfLife('Half life of what `chain` learns from.'),
  microprice_prior_steps: real(
    'steps',
    { min: 0.1, max: 100_000 },
    'Changes of the touch after which `chain` half believes what it saw; until then the weighted mid.',
  ),
  microprice_gate_usd_low: real(
    'USD',
    { min: 0, max: 1e9 },
    'Below this size at the touch, the fair price is the mid.',
  ),
  microprice_gate_usd_high: real(
    'USD',
    { min: 0, max: 1e9 },
    'From this size on, the fair price is the whole microprice.',
  ),
  reference_half_life_sec: halfLife('Half life of the basis between our market and the reference.'),
  reference_lead_half_life_sec: halfLife(
    'Half life of how much of a gap to the reference our market made up.',
  ),
  reference_horizon_ms: whole(
    'ms',
    { min: 250, max: 10_000 },
    'Time within which our market makes up a gap to the reference.',
  ),
  reference_max_bps: real(
    'bps',
    { min: 0, max: 100 },
    'The reference moves the fair price by at most this; 0: not at all.',
  ),
  reference_stale_ms: whole(
    'ms',
    { min: 100, max: 600_000 },
    'A reference that says nothing for this long moves nothing.',
  ),
}
