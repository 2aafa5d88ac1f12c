/**
 * The part of `[estimators]` about how often quotes are filled. Apart from `schema.ts` for its length; the type is written out
 * because it is exported.
 */
import type { z } from 'zod'
import { counted, halfLife, real, share } from './fields.ts'

interface FillIntensity {
  readonly kappa_prior: z.ZodNumber
  readonly kappa_prior_orders: z.ZodNumber
  readonly kappa_min: z.ZodNumber
  readonly kappa_max: z.ZodNumber
  readonly kappa_half_life_sec: z.ZodNumber
  readonly kappa_warmup_orders: z.ZodInt
  readonly kappa_warmup_sec: z.ZodNumber
  readonly kappa_own_fill_share_max: z.ZodNumber
  readonly fill_rate_prior_per_sec: z.ZodNumber
  readonly fill_rate_prior_sec: z.ZodNumber
}

export const fillIntensity: FillIntensity = {
  kappa_prior: real(
    'per unit fraction',
    { min: 1, max: 1e6 },
    'Decay of the fill intensity until there is data; 2500 means that fills reach 4 bps deep on average.',
  ),
  kappa_prior_orders: real('orders', { min: 1.1, max: 100_000 }, 'How many market orders the prior weighs.'),
  kappa_min: real('per unit fraction', { min: 1, max: 1e6 }, 'Least kappa that is believed.'),
  kappa_max: real('per unit fraction', { min: 1, max: 1e6 }, 'Largest kappa that is believed.'),
  kappa_half_life_sec: halfLife('Half life of the market orders behind kappa.'),
  kappa_warmup_orders: counted('orders', 'Market orders before kappa counts as measured.'),
  kappa_warmup_sec: real(
    's',
    { min: 1, max: 86_400 },
    'Watched so long, it counts as measured however few there were.',
  ),
  kappa_own_fill_share_max: share('How far our own fills may lean kappa of one side.'),
  fill_rate_prior_per_sec: real(
    '1/s',
    { min: 0.0001, max: 10_000 },
    'Market orders per second and side until there is data.',
  ),
  fill_rate_prior_sec: real(
    's',
    { min: 0.1, max: 86_400 },
    'How many seconds of data the prior of the rate weighs.',
  ),
}
