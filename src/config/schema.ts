/**
 * The schema of the configuration files: every key, its bounds, its unit and a sentence. `docs/config.md` is made from
 * it. Keys are snake_case as in the files; `Config` holds their camelCase twins, and `toConfig` fails to compile when the two
 * part. A straight table, hence its length.
 */
import { z } from 'zod'
import type { Config } from './config.ts'
import { detectors } from './schema-detectors.ts'
import { fairPrice, reference } from './schema-fair-price.ts'
import { fillIntensity } from './schema-fill-intensity.ts'
import { margin } from './schema-margin.ts'
import { stochastic } from './schema-stochastic.ts'
import { camelKeys, collectSections } from './schema-walk.ts'
import type { ConfigField, ConfigSection } from './schema-walk.ts'
import { counted, flag, halfLife, hours, real, share, steps, text, whole, word } from './fields.ts'

const venue = z.strictObject({
  network: word(
    ['local', 'testnet', 'mainnet'],
    'Where orders go: the embedded exchange, or a network of Hyperliquid.',
  ),
  api_url: text(
    /^$|^https?:\/\/[^\s@/]+(?:\/\S*)?$/,
    'Address of the exchange, http or https, without credentials; empty: the address of the network.',
  ),
  reconnect_min_ms: whole(
    'ms',
    { min: 10, max: 60_000 },
    'First pause before a lost connection is tried again.',
  ),
  reconnect_max_ms: whole('ms', { min: 10, max: 600_000 }, 'Longest pause between two tries.'),
  dead_man_sec: real('s', { min: 0, max: 3_600 }, 'The venue cancels all this after our last word; 0: off.'),
  submit_expiry_ms: whole(
    'ms',
    { min: 1_000, max: 120_000 },
    'An order that has not reached the venue after this is dead, so that an unanswered one can be settled.',
  ),
})

const market = z.strictObject({
  asset: text(
    /^(?:[A-Za-z0-9]{1,10}:)?[A-Za-z0-9][A-Za-z0-9_-]{0,23}$/,
    'Coin to quote, as the venue spells it; `hyna:BTC` names the DEX too.',
  ),
  dex: text(
    /^[A-Za-z0-9]{0,10}$/,
    'Builder DEX; empty: the main one. The default DEX goes with the default asset only.',
  ),
  reference,
  initial_isolated_margin: real(
    'USD',
    { min: 0, max: 1e9 },
    'Margin to keep on an isolated position. Builder DEXs are often isolated only.',
  ),
  force_isolated: flag('Use isolated margin even where cross margin is possible.'),
})

const glft = z.strictObject({
  solution: word(
    ['closed', 'spectral'],
    'How the price of inventory is computed: the closed form, or exactly for the position limit.',
  ),
  execution_risk_aversion: real(
    'dimensionless',
    { min: 0, max: 100 },
    'Aversion to the uncertainty of execution; it alone shapes the half spread without inventory.',
  ),
  skew_bps_at_max: real(
    'bps',
    { min: 0, max: 1_000 },
    'Skew wanted at the position limit; above 0 it replaces risk.gamma_base, which is solved from it.',
  ),
  risk_aversion_growth_max: real(
    'factor',
    { min: 1, max: 1_000 },
    'All factors on the risk aversion together at most this.',
  ),
  sigma_reference_per_sqrt_sec: real(
    '1/√s',
    { min: 1e-7, max: 0.1 },
    'Sigma above which volatility raises the risk aversion.',
  ),
  tight_quoting_floor_share: share('Share of the least spread that remains while tight quoting is on.'),
  tight_quoting_dwell_ms: whole(
    'ms',
    { min: 0, max: 3_600_000 },
    'Tight quoting comes on only after its conditions held this long.',
  ),
  ladder_span_multiple: real(
    'factor',
    { min: 1, max: 1_000 },
    'Outermost over innermost depth, within the depth limits.',
  ),
  allocation: word(
    ['constrained', 'proportional', 'entropy', 'kelly'],
    'How the size of a side is spread over its levels.',
  ),
  sweep_max_share: real(
    'share 0…1',
    { min: 0.001, max: 1 },
    'A sweep of one whole side moves the position by at most this share of its limit.',
  ),
  depth_multiple_max: real(
    'factor',
    { min: 0, max: 1_000 },
    'A side shows at most this multiple of what rests near the mid on the thinner side; 0: no such limit.',
  ),
  level_max_share: real(
    'share 0…1',
    { min: 0.001, max: 1 },
    'No level holds more than this share of its side.',
  ),
  holding_sec: real('s', { min: 0.1, max: 86_400 }, 'How long a fill is held; weighs the risk of size.'),
  momentum_sensitivity: real(
    'dimensionless',
    { min: 0, max: 10 },
    'Weight of runs of the price in the momentum term.',
  ),
  momentum_hold_sec: real('s', { min: 0.1, max: 86_400 }, 'How long a run is expected to go on.'),
  momentum_z_min: real('z-score', { min: 0, max: 20 }, 'From this size on, a move counts as a run.'),
  toxicity_neutral: real('share 0…1', { min: 0, max: 0.99 }, 'Toxicity of ordinary flow.'),
  toxicity_widen_bps: real('bps', { min: 0, max: 1_000 }, 'What full toxicity adds to the distance.'),
  burst_widen_bps: real('bps', { min: 0, max: 1_000 }, 'What a burst of own fills adds on its side.'),
  knife_z: real(
    'z-score',
    { min: 0.1, max: 100 },
    'From this size on, a move with the flow behind it is a knife.',
  ),
  knife_flow_share: real(
    'share 0.5…1',
    { min: 0.5, max: 1 },
    'Share of the aggressor volume that a knife needs on its side.',
  ),
  knife_widen_bps: real(
    'bps',
    { min: 0, max: 1_000 },
    'What a knife adds on the side that it would run over.',
  ),
  wide_spread_percentile: real(
    'share 0…1',
    { min: 0, max: 0.99 },
    'From this percentile of its usual spreads on, a wide market raises the risk aversion.',
  ),
  hole_full_bps: real(
    'bps',
    { min: 0.01, max: 1_000 },
    'A gap in the ladder of the book that counts as no depth at all; from half of it on it counts.',
  ),
  funding_horizon_sec: real(
    's',
    { min: 0, max: 864_000 },
    'How long a position is held when funding is weighed; the payments it meets lean the quotes.',
  ),
  warmup_size_share: share('Share of the size shown while every estimate is a prior.'),
  term_max_bps: real(
    'bps',
    { min: 0.1, max: 1_000 },
    'No term of the price is larger than this; fee and floors excepted.',
  ),
})

const strategy = z.strictObject({
  name: word(
    ['glft-ladder', 'avellaneda-stoikov', 'fixed-spread', 'size-skew'],
    'Which strategy quotes; all but the first are there to compare with.',
  ),
  glft: glft.meta({ description: 'Finer settings of `glft-ladder`; few need to change them.' }),
  avellaneda_stoikov: z
    .strictObject({
      horizon_sec: real('s', { min: 0.1, max: 86_400 }, 'Length of its horizons, counted from midnight UTC.'),
    })
    .meta({ description: 'Settings of `avellaneda-stoikov`.' }),
})

const risk = z.strictObject({
  gamma_base: real(
    'dimensionless',
    { min: 0.001, max: 100 },
    'Risk aversion g = gamma × clip / kappa of the GLFT model; a larger one widens and leans more.',
  ),
  min_spread_floor_bps: real(
    'bps',
    { min: 0, max: 10_000 },
    'Least distance between our innermost bid and ask; at least two maker fees.',
  ),
  maker_fee_rate_bps: real(
    'bps',
    { min: -5, max: 100 },
    'Maker fee to expect of the venue; negative is a rebate.',
  ),
  max_position: real(
    'base units',
    { min: 0, max: 1e9 },
    'Largest position on either side; quoting never leads past it. 0: worth 40 % of equity at the start.',
  ),
  flow_sensitivity: real(
    'dimensionless',
    { min: 0, max: 10 },
    'Weight of one-sided aggressor flow in the momentum term; 0: none.',
  ),
  toxic_hours: hours('Hours in which the risk aversion is multiplied; a list of single hours.'),
  toxic_hours_multiplier: real(
    'factor',
    { min: 1, max: 20 },
    'What the risk aversion is multiplied with in a toxic hour.',
  ),
  max_daily_loss_usd: real(
    'USD',
    { min: 0, max: 1e9 },
    'Loss of a UTC day that trips the kill switch; 0: 2 % of equity.',
  ),
  max_drawdown_pct: real(
    'percent',
    { min: 0.01, max: 100 },
    'Fall of equity from its peak that trips the kill switch.',
  ),
  min_drawdown_usd: real(
    'USD',
    { min: 0, max: 1e9 },
    'A fall of equity smaller than this is never a drawdown; 0: 0.1 % of equity.',
  ),
  max_book_age_ms: whole(
    'ms',
    { min: 100, max: 600_000 },
    'With an older book nothing is quoted: its prices are history.',
  ),
  price_collar_bps: real(
    'bps',
    { min: 1, max: 10_000 },
    'No order leaves that is farther from the mid than this.',
  ),
  max_order_share: share('Largest single order as a share of max_position.'),
  ...detectors,
})

const quoting = z.strictObject({
  target_liquidity: real(
    'base units',
    { min: 0, max: 1e9 },
    'Size to show on each side, spread over the levels of the ladder. 0: half of max_position.',
  ),
  ladder: z
    .strictObject({
      levels: whole('levels', { min: 1, max: 20 }, 'Quotes on each side.'),
      fees_bps: real(
        'bps',
        { min: 0, max: 1_000 },
        'Fees of a round trip that the size profile of the ladder has to earn back.',
      ),
      spacing: word(
        ['geometric', 'linear'],
        'How the distances of the levels grow from the inner to the outer one.',
      ),
      min_depth_bps: real(
        'bps',
        { min: 0, max: 10_000 },
        'Least distance of the innermost level from the fair price.',
      ),
      max_depth_bps: real(
        'bps',
        { min: 0.1, max: 10_000 },
        'Distance of the outermost level from the fair price.',
      ),
      market_spread_cap_multiple: real(
        'factor',
        { min: 0, max: 1_000 },
        'Innermost depth at most this multiple of the half spread of the market, never below a floor; 0: no cap.',
      ),
    })
    .meta({ description: 'The levels of one side.' }),
})

const estimators = z.strictObject({
  stale_ms: whole(
    'ms',
    { min: 100, max: 600_000 },
    'A book that nobody confirmed for this long gives no samples.',
  ),
  volatility_sample_ms: whole(
    'ms',
    { min: 50, max: 60_000 },
    'Grid of the volatility samples; below half a second the bounce between bid and ask is measured.',
  ),
  volatility_fast_half_life_sec: halfLife('Half life of the fast sigma, the upper half of the regime ratio.'),
  volatility_half_life_sec: halfLife('Half life of the sigma that quotes are made from.'),
  volatility_slow_half_life_sec: halfLife('Half life of the slow sigma, the lower half of the regime ratio.'),
  volatility_warmup_pairs: counted('pairs', 'Pairs of returns before sigma counts as measured.'),
  volatility_jump_window_returns: whole(
    'returns',
    { min: 20, max: 100_000 },
    'Returns that the jump ratio looks back on.',
  ),
  volatility_regime_enter: steps(
    'ratio',
    { min: 0.01, max: 100 },
    'Fast over slow sigma from which the regime is normal, volatile, extreme.',
  ),
  sigma_prior_per_sqrt_sec: real(
    '1/√s',
    { min: 1e-7, max: 0.1 },
    'Sigma until there is data; 0.0001 is 56 % a year.',
  ),
  sigma_min_per_sqrt_sec: real('1/√s', { min: 1e-9, max: 0.1 }, 'Sigma is never taken for less than this.'),
  ...fillIntensity,
  ...fairPrice,
  depth_within_bps: real(
    'bps',
    { min: 0.1, max: 1_000 },
    'How far from the mid resting value counts as depth, and a gap in it as a hole.',
  ),
  spread_half_life_sec: halfLife('Half life of the spreads that count as usual.'),
  flow_half_life_sec: halfLife('Half life of the aggressor flow.'),
  flow_trades_min: counted('trades', 'Trades before the flow imbalance counts as measured.'),
  order_flow_half_life_sec: halfLife('Half life of the order flow at the touch.'),
  order_flow_changes_min: counted(
    'changes',
    'Changes of the touch before its order flow counts as measured.',
  ),
  toxicity_bucket_sec: real(
    's',
    { min: 0.1, max: 3_600 },
    'Length of trading that one volume bucket is sized for.',
  ),
  toxicity_bucket_usd_min: real('USD', { min: 1, max: 1e9 }, 'Least value of one volume bucket.'),
  toxicity_bucket_count: counted('buckets', 'Buckets that toxicity looks back on.'),
  toxicity_buckets_min: counted('buckets', 'Buckets before toxicity counts as measured.'),
  adverse_selection_prior_bps: real(
    'bps',
    { min: 0, max: 100 },
    'Expected move against us after a fill until there is data.',
  ),
  adverse_selection_prior_fills: real(
    'fills',
    { min: 0.1, max: 100_000 },
    'How many fills the prior weighs.',
  ),
  adverse_selection_horizon_index: whole(
    'index',
    { min: 0, max: 3 },
    'Which horizon of 0.5, 2, 10 and 60 seconds after a fill is the one quotes pay for.',
  ),
  adverse_selection_half_life_fills: real(
    'fills',
    { min: 1, max: 100_000 },
    'Half life of the fills behind it.',
  ),
  adverse_selection_clamp_bps: real(
    'bps',
    { min: 0.1, max: 1_000 },
    'A single fill counts for no more than this.',
  ),
  hawkes_branching_ratio: real(
    'share 0…0.99',
    { min: 0, max: 0.99 },
    'Share of trades that earlier trades set off, until the tape has shown it; of own fills always.',
  ),
  hawkes_decay_per_sec: real(
    '1/s',
    { min: 0.001, max: 1_000 },
    'How fast that excitement fades, until the tape has shown it; of own fills always.',
  ),
  hawkes_prior_events: real('trades', { min: 1, max: 1e6 }, 'How many trades those two weigh.'),
  fill_burst_rate_min_per_sec: real(
    '1/s',
    { min: 0.0001, max: 1_000 },
    'Fills of ours per second and side that are never a burst.',
  ),
})

const execution = z.strictObject({
  max_bps_diff: real(
    'bps',
    { min: 0, max: 1_000 },
    'A live quote stays while its price is within this of the wished one.',
  ),
  min_order_age_ms: whole(
    'ms',
    { min: 0, max: 600_000 },
    'A younger quote is not moved unless it would lose money.',
  ),
  requote_interval_ms: whole(
    'ms',
    { min: 1, max: 60_000 },
    'Least time between two quoting cycles; risk does not wait for it.',
  ),
  timer_ms: whole(
    'ms',
    { min: 5, max: 10_000 },
    'Period of the timer that drives ageing, time-outs and stale data.',
  ),
  max_orders_per_sec: whole(
    '1/s',
    { min: 1, max: 1_000 },
    'Most order messages (places and modifies) a second.',
  ),
  max_orders_per_fill: whole(
    'orders',
    { min: 1, max: 1_000_000 },
    'After so many order messages without a fill only a tenth a second is left.',
  ),
  resync_interval_ms: whole(
    'ms',
    { min: 1_000, max: 3_600_000 },
    'How often position, orders and margin are compared with the venue unasked.',
  ),
  start_orders: word(['cancel', 'adopt'], 'What becomes of orders that an earlier run of ours left resting.'),
})

const journal = z.strictObject({
  dir: text(/\S/, 'Folder that holds one folder per run; relative to the working directory.'),
  sync: word(
    ['every', 'group', 'never'],
    'When records are forced to the disk: each one, each group before its commands are sent, or never.',
  ),
  checkpoint_every: whole(
    'inputs',
    { min: 1, max: 10_000_000 },
    'Inputs between two checkpoints of the state hash.',
  ),
})
const metrics = z.strictObject({
  port: whole('port', { min: 0, max: 65_535 }, 'Port of /metrics and /health; 0: off.'),
  host: text(/^\S+$/, 'Address it listens on; loopback unless something in front of it asks for more.'),
})
const log = z.strictObject({
  level: word(['debug', 'info', 'warn', 'error', 'silent'], 'Least important log line to write to stderr.'),
  format: word(['auto', 'pretty', 'json'], '`auto`: pretty on a terminal, JSON lines elsewhere.'),
})

const exchange = z.strictObject({
  block_ms: whole('ms', { min: 10, max: 10_000 }, 'Time between two blocks of the embedded exchange.'),
  scenario: text(
    /^[a-z0-9][a-z0-9-]*$|^[^\n\r,]+\.toml$/,
    'Market that its participants play when there is no tape: a shipped name, or a TOML file (docs/scenarios.md).',
  ),
  deposit_usd: real(
    'USD',
    { min: 1, max: 1e9 },
    'What the account of the maker is credited with at the start.',
  ),
  markets: text(
    /^\S*$/,
    'Market definitions: a folder of TOML files, or one file with a DEX on top of the shipped ones; empty: the shipped ones.',
  ),
})

const schema = z.strictObject({
  schema_version: z.literal(1).meta({ unit: '', description: 'Version of this layout of keys.' }),
  venue: venue.meta({ description: 'The exchange we trade on, and how we reach it.' }),
  market: market.meta({ description: 'What is quoted, and on which margin.' }),
  margin: margin.meta({
    description: 'Leverage, the margin of isolated positions, and where money for it comes from.',
  }),
  strategy: strategy.meta({ description: 'Who decides the quotes.' }),
  risk: risk.meta({ description: 'What we are willing to lose.' }),
  quoting: quoting.meta({ description: 'How much is shown, and where.' }),
  stochastic: stochastic.meta({ description: 'Floors of the model spread, and when it may be tight.' }),
  estimators: estimators.meta({ description: 'How the market is measured, and what holds until it was.' }),
  execution: execution.meta({ description: 'When a quote is worth a message.' }),
  journal: journal.meta({ description: 'The record that everything can be replayed from.' }),
  metrics: metrics.meta({ description: 'The HTTP server of the maker.' }),
  log: log.meta({ description: 'Logs, always on stderr.' }),
  exchange: exchange.meta({ description: 'The embedded exchange; unused on testnet and mainnet.' }),
})

/** Sections in the order of the files, each with its own fields only. */
export const CONFIG_SECTIONS: readonly ConfigSection[] = collectSections('', schema)

export const CONFIG_FIELDS: readonly ConfigField[] = CONFIG_SECTIONS.flatMap((section) => section.fields)

/** The JSON Schema of the files, for editors. */
export function toJsonSchema(): object {
  return z.toJSONSchema(schema, { io: 'input' })
}

type CamelKey<Key> = Key extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelKey<Tail>>}` : Key
type CamelKeys<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { [Key in keyof Value as CamelKey<Key>]: CamelKeys<Value[Key]> }
    : Value

/**
 * Checks a whole tree of values once more and renames its keys.
 * @throws z.ZodError when a key is missing; single values were checked with their layer
 */
export function toConfig(tree: unknown): Config {
  const checked = schema.parse(tree)
  return camelKeys(checked) as CamelKeys<typeof checked>
}
