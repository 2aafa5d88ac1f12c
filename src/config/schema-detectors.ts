/**
 * The part of `[risk]` that describes its detectors and market maker protection. Apart from `schema.ts` for its length; the type
 * is written out because it is exported.
 */
import { z } from 'zod'
import { flag, real, share, whole, word } from './fields.ts'

interface Detectors {
  readonly quote_alone: z.ZodBoolean
  readonly alone_widen_bps: z.ZodNumber
  readonly velocity_window_ms: z.ZodInt
  readonly velocity_pull_bps: z.ZodNumber
  readonly lopsided_share: z.ZodNumber
  readonly max_lopsided_sec: z.ZodNumber
  readonly max_refusal_share: z.ZodNumber
  readonly min_liquidation_distance_pct: z.ZodNumber
  readonly max_clock_skew_ms: z.ZodInt
  readonly max_loop_lag_ms: z.ZodInt
  readonly pull_hold_ms: z.ZodInt
  readonly pull_max_ms: z.ZodInt
  readonly kill: z.ZodObject<
    {
      readonly policy: z.ZodEnum<{ cancel: 'cancel'; flatten: 'flatten' }>
      readonly slippage_bps: z.ZodNumber
      readonly flatten_sec: z.ZodNumber
    },
    z.core.$strict
  >
  readonly mmp: z.ZodObject<
    {
      readonly window: z.ZodEnum<{ sliding: 'sliding'; tumbling: 'tumbling' }>
      readonly window_ms: z.ZodInt
      readonly freeze_ms: z.ZodInt
      readonly max_quantity_share: z.ZodNumber
      readonly max_delta_share: z.ZodNumber
      readonly max_notional_usd: z.ZodNumber
    },
    z.core.$strict
  >
  readonly sweep: z.ZodObject<
    { readonly levels: z.ZodInt; readonly window_ms: z.ZodInt; readonly cooldown_ms: z.ZodInt },
    z.core.$strict
  >
  readonly burst: z.ZodObject<
    { readonly fills: z.ZodInt; readonly window_ms: z.ZodInt; readonly cooldown_ms: z.ZodInt },
    z.core.$strict
  >
}

export const detectors: Detectors = {
  quote_alone: flag(
    'Quote around the mark of the venue while nobody else makes a side of the book; off: wait until somebody does.',
  ),
  alone_widen_bps: real('bps', { min: 0, max: 50 }, 'Extra half spread while we quote alone.'),
  velocity_window_ms: whole(
    'ms',
    { min: 100, max: 60_000 },
    'Window in which the range of the mid is measured.',
  ),
  velocity_pull_bps: real(
    'bps',
    { min: 1, max: 10_000 },
    'Quotes that add to the position are pulled when the mid ranges this far within the window.',
  ),
  lopsided_share: share('A position of this share of max_position or more counts as lopsided.'),
  max_lopsided_sec: real(
    's',
    { min: 1, max: 86_400 },
    'After so long with a lopsided position only quotes that reduce it are left.',
  ),
  max_refusal_share: share(
    'With this share of orders refused within a minute or two, quotes that add to the position are pulled.',
  ),
  min_liquidation_distance_pct: real(
    'percent',
    { min: 0, max: 100 },
    'With the liquidation price nearer to the mark, only quotes that reduce the position are left; 0: off.',
  ),
  max_clock_skew_ms: whole(
    'ms',
    { min: 10, max: 60_000 },
    'With our clock and the venue apart by this, quotes that add to the position are pulled.',
  ),
  max_loop_lag_ms: whole(
    'ms',
    { min: 10, max: 60_000 },
    'After a stall of the event loop of this length quotes are wider for a moment; of four times this, pulled.',
  ),
  pull_hold_ms: whole(
    'ms',
    { min: 0, max: 600_000 },
    'A pull for velocity, refusals, the mark or a stalled loop lasts this much longer than its cause.',
  ),
  pull_max_ms: whole(
    'ms',
    { min: 1_000, max: 86_400_000 },
    'Such a pull without a break becomes a widening after this, so that it cannot keep us out for hours.',
  ),
  kill: z
    .strictObject({
      policy: word(
        ['cancel', 'flatten'],
        'What the kill switch does: cancel everything, or close the position as well, by reduce-only orders.',
      ),
      slippage_bps: real(
        'bps',
        { min: 1, max: 1_000 },
        'No closing order goes further from the mid; the first ones ask for less.',
      ),
      flatten_sec: real(
        's',
        { min: 1, max: 600 },
        'Closing is given up after this, and what is left is for a person.',
      ),
    })
    .meta({ description: 'What the kill switch does beside stopping.' }),
  mmp: z
    .strictObject({
      window: word(
        ['sliding', 'tumbling'],
        'How the window moves: with every fill, or from its first fill on.',
      ),
      window_ms: whole('ms', { min: 100, max: 3_600_000 }, 'Length of the window.'),
      freeze_ms: whole(
        'ms',
        { min: 0, max: 86_400_000 },
        'How long quotes that add to the position stay away; 0: until the operator resumes.',
      ),
      max_quantity_share: real(
        'shares of max_position',
        { min: 0, max: 1_000 },
        'Size that may trade within the window, both directions together; 0: no limit.',
      ),
      max_delta_share: real(
        'shares of max_position',
        { min: 0, max: 1_000 },
        'Net size that may trade within the window; 0: no limit.',
      ),
      max_notional_usd: real(
        'USD',
        { min: 0, max: 1e9 },
        'Value that may trade within the window, both directions together; 0: no limit.',
      ),
    })
    .meta({ description: 'Market maker protection: too much traded within a window, and we stand back.' }),
  sweep: z
    .strictObject({
      levels: whole(
        'prices',
        { min: 2, max: 64 },
        'Different prices printed by one aggressor that make a sweep.',
      ),
      window_ms: whole('ms', { min: 10, max: 60_000 }, 'They must come within this, at least 40 bps apart.'),
      cooldown_ms: whole(
        'ms',
        { min: 0, max: 600_000 },
        'The side that is swept stays away this long, but for the exit.',
      ),
    })
    .meta({ description: 'Somebody sweeps the whole book, whether or not our quotes are hit.' }),
  burst: z
    .strictObject({
      fills: whole('fills', { min: 2, max: 100 }, 'Fills of one side that make a burst.'),
      window_ms: whole('ms', { min: 10, max: 600_000 }, 'They must come within this.'),
      cooldown_ms: whole(
        'ms',
        { min: 0, max: 3_600_000 },
        'The rest of that side is cancelled at once and stays away this long, but for the exit.',
      ),
    })
    .meta({ description: 'Somebody works a large order through one side of the ladder.' }),
}
