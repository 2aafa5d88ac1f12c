/** The section `[margin]`. Apart from `schema.ts` for its length; the type is written out because it is exported. */
import { z } from 'zod'
import { real, share, whole, word } from './fields.ts'

type Margin = z.ZodObject<
  {
    readonly leverage: z.ZodInt
    readonly top_up_distance_pct: z.ZodNumber
    readonly target_distance_pct: z.ZodNumber
    readonly release_distance_pct: z.ZodNumber
    readonly free_share: z.ZodNumber
    readonly collateral_source: z.ZodEnum<{ off: 'off'; spot: 'spot'; main: 'main' }>
    readonly collateral_daily_usd: z.ZodNumber
    readonly collateral_keep_usd: z.ZodNumber
  },
  z.core.$strict
>

export const margin: Margin = z.strictObject({
  leverage: whole(
    'factor',
    { min: 0, max: 100 },
    'Leverage set at the start; 0: at most 5 on isolated margin, and on cross margin what the account has.',
  ),
  top_up_distance_pct: real(
    'percent',
    { min: 0, max: 100 },
    'With the liquidation price of an isolated position nearer to the mark, margin is added; 0: never.',
  ),
  target_distance_pct: real(
    'percent',
    { min: 0, max: 200 },
    'It is added until the liquidation price is this far away.',
  ),
  release_distance_pct: real(
    'percent',
    { min: 0, max: 1_000 },
    'With it farther away, margin beyond the target and the initial margin is taken back; 0: never.',
  ),
  free_share: share('Share of the account on this DEX that the initial margin leaves free for orders.'),
  collateral_source: word(
    ['off', 'spot', 'main'],
    'Where collateral may come from when this DEX has too little: nowhere, the spot balance, or the main DEX.',
  ),
  collateral_daily_usd: real(
    'USD',
    { min: 0, max: 1e9 },
    'Most that is moved here on one UTC day, restarts included.',
  ),
  collateral_keep_usd: real(
    'USD',
    { min: 0, max: 1e9 },
    'Free collateral to keep on this DEX by such transfers; 0: only what a margin needs.',
  ),
})
