/** The section `[stochastic]`. Apart from `schema.ts` for its length; the type is written out because it is exported. */
import { z } from 'zod'
import { flag, hours, real, share } from './fields.ts'

type Stochastic = z.ZodObject<
  {
    readonly quote_update_latency_ms: z.ZodNumber
    readonly tick_floor: z.ZodBoolean
    readonly latency_floor: z.ZodBoolean
    readonly tight_quoting: z.ZodBoolean
    readonly tight_quoting_max_inventory: z.ZodNumber
    readonly tight_quoting_max_toxicity: z.ZodNumber
    readonly tight_quoting_excluded_hours: ReturnType<typeof hours>
    readonly tight_quoting_min_depth_usd: z.ZodNumber
  },
  z.core.$strict
>

export const stochastic: Stochastic = z.strictObject({
  quote_update_latency_ms: real(
    'ms',
    { min: 0, max: 60_000 },
    'Time from a market move until our new quote rests; the latency floor covers the move expected in it.',
  ),
  tick_floor: flag('Keep the half spread at one price step or more.'),
  latency_floor: flag('Keep the half spread at sigma × √latency or more.'),
  tight_quoting: flag('Quote tighter when inventory, toxicity, hour and depth all allow it.'),
  tight_quoting_max_inventory: share(
    'Tight quoting only while |position| is below this share of max_position.',
  ),
  tight_quoting_max_toxicity: share('Tight quoting only while toxicity is below this.'),
  tight_quoting_excluded_hours: hours('Hours without tight quoting; `[7, 14]` is two hours, not a range.'),
  tight_quoting_min_depth_usd: real(
    'USD',
    { min: 0, max: 1e9 },
    'Tight quoting only with this much resting near the mid on the thinner side.',
  ),
})
