/**
 * What a market definition file may say: one DEX with its margin tables and markets, in dollars and leverages as people
 * say them. The table of docs/exchange.md is made of the descriptions here.
 */
import { z } from 'zod'
import { flag, real, text, whole, word } from './fields.ts'

/** Asset ids leave so many places to a DEX. */
const MARKETS_PER_DEX_MAX = 10_000
/** Builder DEXs in one venue. */
export const DEXS_MAX = 100
/** Margin tables below this id stand for one tier with that leverage. */
const LEVERAGE_MAX = 50
const TIERS_MAX = 10
const USD_MAX = 9e9

const dex = z.strictObject({
  index: whole(
    '',
    { min: 0, max: DEXS_MAX },
    'Place in `perpDexs`, from 0 without gaps; 0 is the main DEX. Left out: the next free one.',
  ).optional(),
  name: text(/^$|^[a-z0-9]{2,4}$/, 'Two to four letters or digits; empty for the main DEX only.'),
  full_name: text(/\S/, 'What front ends show.'),
  deployer: text(/^0x[0-9a-fA-F]{40}$/, 'Address that deployed it, and gets its share of the fees.'),
  fee_scale: real('', { min: 0, max: 3 }, 'Deployer’s scale d: fees × (1 + d) below 1, × 2d from 1 on.'),
  open_interest_cap_usd: real('USD', { min: 1, max: USD_MAX }, 'Of all its markets together.').optional(),
  collateral: z.strictObject({
    token: text(/^[A-Za-z0-9]{1,12}$/, 'Token in which it keeps its money; one counts as one dollar.'),
    index: whole('', { min: 0, max: 100_000 }, 'Index of the spot token: USDC 0, USDE 235, USDH 360.'),
    aligned: flag('An aligned quote token: taker fees are lower, rebates higher.').default(false),
  }),
})

const marginTable = z.strictObject({
  id: whole(
    '',
    { min: LEVERAGE_MAX, max: 1_000_000 },
    'From 50 on; smaller ids are one tier of that leverage.',
  ),
  tiers: z
    .array(
      z.strictObject({
        from_usd: real(
          'USD',
          { min: 0, max: USD_MAX },
          'Notional from which the tier holds; the first is 0.',
        ),
        max_leverage: whole(
          '',
          { min: 1, max: LEVERAGE_MAX },
          'Maintenance margin is half of what this leverage needs.',
        ),
      }),
    )
    .min(1)
    .max(TIERS_MAX),
})

const market = z.strictObject({
  coin: text(/^[A-Za-z0-9][A-Za-z0-9_-]{0,23}$/, 'Without the DEX’s name.'),
  size_decimals: whole(
    '',
    { min: 0, max: 5 },
    'Lot 10^-size_decimals; tick 10^-(6 − size_decimals), five figures at most.',
  ),
  oracle_usd: real('USD', { min: 1e-6, max: 1e7 }, 'Oracle price at the start.'),
  oracle_source: text(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,23}$/,
    'Coin whose simulated price it follows; its own when left out.',
  ).optional(),
  margin_table: whole(
    '',
    { min: 1, max: 1_000_000 },
    'Id of a table of this file; below 50, the max leverage itself.',
  ),
  margin: word(
    ['cross', 'no-cross', 'strict-isolated'],
    'Strictly isolated margin cannot be taken out of a position.',
  ).default('cross'),
  growth_mode: flag('Fees and volume credits × 0.1.').default(false),
  delisted: flag('Keeps its place, does not trade.').default(false),
  impact_usd: real(
    'USD',
    { min: 1, max: 1e8 },
    'Size of the order that impact prices are taken for.',
  ).default(6_000),
  interest_per_8h: real('', { min: -0.01, max: 0.01 }, 'Interest part of funding, per eight hours.').default(
    0.0001,
  ),
  funding_multiplier: real('', { min: 0, max: 10 }, 'On the funding rate.').default(1),
  open_interest_cap_usd: real(
    'USD',
    { min: 1, max: USD_MAX },
    'Largest open interest of one side.',
  ).optional(),
})

/** A market as a file says it, defaults filled in. The fields are described in the schema above. */
export interface MarketDefinition {
  readonly coin: string
  readonly size_decimals: number
  readonly oracle_usd: number
  readonly oracle_source?: string | undefined
  readonly margin_table: number
  readonly margin: 'cross' | 'no-cross' | 'strict-isolated'
  readonly growth_mode: boolean
  readonly delisted: boolean
  readonly impact_usd: number
  readonly interest_per_8h: number
  readonly funding_multiplier: number
  readonly open_interest_cap_usd?: number | undefined
}

/** A file as it was read, defaults filled in. */
export interface DexDefinition {
  readonly dex: {
    readonly index?: number | undefined
    readonly name: string
    readonly full_name: string
    readonly deployer: string
    readonly fee_scale: number
    readonly open_interest_cap_usd?: number | undefined
    readonly collateral: { readonly token: string; readonly index: number; readonly aligned: boolean }
  }
  readonly margin_table: readonly {
    readonly id: number
    readonly tiers: readonly { readonly from_usd: number; readonly max_leverage: number }[]
  }[]
  readonly market: readonly MarketDefinition[]
}

export const definition: z.ZodType<DexDefinition> = z.strictObject({
  dex,
  margin_table: z.array(marginTable).max(1_000).default([]),
  market: z.array(market).min(1).max(MARKETS_PER_DEX_MAX),
})

/** Keys by table; '' is the top of the file. */
export const KNOWN_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': ['dex', 'margin_table', 'market'],
  dex: Object.keys(dex.shape),
  margin_table: Object.keys(marginTable.shape),
  market: Object.keys(market.shape),
}
