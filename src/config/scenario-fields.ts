/**
 * What a scenario file may say: its tables, their keys, units and ranges. docs/scenarios.md is made of the descriptions here.
 * Ranges keep every scenario playable at any block length: no price reaches zero, no agent looks beyond what is known.
 * Long because it is one table.
 */
import type { z } from 'zod'
import { real, text, whole, word } from './fields.ts'

/** One value. With `otherwise` it may be left out. */
export interface ScenarioValue {
  readonly type: z.ZodType
  readonly otherwise?: string | number
}
/** A list of inline tables, `[{ at_sec = 60, bps = -80 }]`; may be empty. */
export interface ScenarioRows {
  readonly rows: ScenarioTable
  readonly description: string
}
export type ScenarioTable = Readonly<Record<string, ScenarioValue | ScenarioRows>>

/** Rows of one list, agents and coins of one file: more is a slip, not a market. */
export const SCENARIO_ROWS_MAX = 100
/** The path of a price is known so far back and ahead even with the shortest blocks. */
const PATH_SEC_MAX = 20
const WEEK_SEC = 604_800
const LATENCY_BLOCKS_MAX = 64

const atSec = real('s', { min: 0, max: WEEK_SEC }, 'After the start.')
const moveBps = real('bps', { min: -5_000, max: 5_000 }, 'Up or, below 0, down.')
const depthBpsMax = real(
  'bps',
  { min: 0.1, max: 2_000 },
  'No draw reaches deeper, so that none empties a side.',
)
const clipUsd = real(
  'USD',
  { min: 10, max: 1e6 },
  'Mean of what is taken on top of what stands in the way, exponential.',
)
const kappaFactor = real('factor', { min: 0.01, max: 100 }, 'Of the coin’s κ; above 1 reaches less deep.')

export const COIN_FIELDS: ScenarioTable = {
  name: {
    type: text(
      /^(\*|[A-Za-z0-9][A-Za-z0-9_-]{0,23})$/,
      'Without the DEX; `*` is every coin without a table of its own.',
    ),
  },
  sigma_per_sqrt_sec: {
    type: real('1/√s', { min: 0, max: 0.01 }, 'Standard deviation of the log return over one second.'),
  },
  kappa: {
    type: real(
      '1/fraction',
      { min: 50, max: 100_000 },
      'Decay of fill intensity with depth; 2500 is a mean depth of 4 bps.',
    ),
  },
  arrivals_per_sec: {
    type: real('1/s', { min: 0, max: 20 }, 'Uninformed takers per second on each side.'),
  },
}

export const PRICE_FIELDS: ScenarioTable = {
  sigma_factor: {
    type: real('factor', { min: 0, max: 100 }, 'Diffusion, times the coin’s sigma; 0 stands still.'),
  },
  jumps_per_sec: { type: real('1/s', { min: 0, max: 10 }, 'Poisson jumps of the price.') },
  jump_bps: { type: real('bps', { min: 0, max: 500 }, 'Standard deviation of a jump.') },
  regimes: {
    description: 'States of the market, one after the other and round again; each lasts an exponential time.',
    rows: {
      sigma_multiplier: { type: real('factor', { min: 0, max: 100 }, 'On sigma while it lasts.') },
      mean_sec: { type: real('s', { min: 0.1, max: WEEK_SEC }, 'How long it lasts in the mean.') },
    },
  },
  trends: {
    description: 'Moves in a straight line.',
    rows: {
      from_sec: { type: atSec },
      to_sec: { type: real('s', { min: 0, max: WEEK_SEC }, 'After the start, later than `from_sec`.') },
      bps: { type: moveBps },
    },
  },
  gaps: { description: 'Moves within one block.', rows: { at_sec: { type: atSec }, bps: { type: moveBps } } },
}

export const BASIS_FIELDS: ScenarioTable = {
  premium_bps: {
    type: real(
      'bps',
      { min: -500, max: 500 },
      'Markets of every DEX trade so far above their oracle: what funding charges for.',
    ),
  },
  basis_bps: {
    type: real(
      'bps',
      { min: 0, max: 500 },
      'How wide a builder DEX wanders around the main DEX: standard deviation.',
    ),
  },
  reversion_sec: {
    type: real('s', { min: 0.1, max: WEEK_SEC }, 'Over this time the wandering is forgotten.'),
  },
  lag_sec: {
    type: real('s', { min: 0, max: PATH_SEC_MAX }, 'Builder DEXs follow the coin’s price so much later.'),
  },
  main_lag_sec: {
    type: real('s', { min: 0, max: PATH_SEC_MAX }, 'The main DEX does; above `lag_sec`, builder DEXs lead.'),
  },
}

/** Keys of every agent, in front of those of its kind. */
const HEAD: ScenarioTable = {
  name: {
    type: text(
      /^(?!(price|basis)$)[a-z][a-z0-9 -]{0,23}$/,
      'Its own among the agents; names its account and its random stream. Not `price` or `basis`.',
    ),
  },
  on: {
    type: word(
      ['all', 'main', 'builder'],
      'Markets it trades in: every living one, the main DEX, or builder DEXs.',
    ),
    otherwise: 'all',
  },
  latency_blocks: {
    type: whole('blocks', { min: 0, max: LATENCY_BLOCKS_MAX }, 'How late its commands arrive.'),
    otherwise: 0,
  },
}

/** An agent's kind: what it does, and its keys. */
export interface AgentKind {
  readonly about: string
  readonly fields: ScenarioTable
}

const LEVEL_USD = { min: 10, max: 3e6 }

export const AGENT_KINDS: Readonly<Record<string, AgentKind>> = {
  maker: {
    about: 'quotes a ladder around the fair price it knows, post-only, and leans against its position',
    fields: {
      ...HEAD,
      half_spread_bps: { type: real('bps', { min: 0.1, max: 1_000 }, 'From fair to the innermost level.') },
      level_count: { type: whole('levels', { min: 1, max: 50 }, 'On each side.') },
      level_step_bps: { type: real('bps', { min: 0, max: 500 }, 'From the first level to the second.') },
      level_growth: {
        type: real('factor', { min: 0, max: 10 }, 'Each further step is so much of the first one longer.'),
      },
      level_usd: {
        type: real('USD', LEVEL_USD, 'Mean size of a level; sizes are uniform on 0.5 … 1.5 of it.'),
      },
      refresh_bps: {
        type: real('bps', { min: 0, max: 500 }, 'A quote this far from its place is sent again.'),
      },
      lean_bps_per_million_usd: {
        type: real(
          'bps',
          { min: 0, max: 1_000 },
          'How far the ladder leans for each million dollars of position.',
        ),
      },
    },
  },
  noise: {
    about: 'market orders at Poisson times, each through the book to an exponential depth from fair',
    fields: {
      ...HEAD,
      arrivals_factor: { type: real('factor', { min: 0, max: 100 }, 'Of the coin’s arrivals.') },
      kappa_factor: { type: kappaFactor },
      depth_bps_max: { type: depthBpsMax },
      clip_usd: { type: clipUsd },
    },
  },
  hawkes: {
    about: 'the same, but each arrival makes the next on its side more likely for a while',
    fields: {
      ...HEAD,
      arrivals_factor: {
        type: real('factor', { min: 0, max: 100 }, 'Rate without excitement, of the coin’s arrivals.'),
      },
      excite_per_sec: {
        type: real('1/s', { min: 0, max: 100 }, 'What an arrival adds to the rate; below `decay_per_sec`.'),
      },
      decay_per_sec: { type: real('1/s', { min: 0.001, max: 1_000 }, 'How fast that is forgotten.') },
      kappa_factor: { type: kappaFactor },
      depth_bps_max: { type: depthBpsMax },
      clip_usd: { type: clipUsd },
    },
  },
  informed: {
    about: 'sees the fair price some seconds ahead and takes what will be stale',
    fields: {
      ...HEAD,
      looks_per_sec: { type: real('1/s', { min: 0.001, max: 100 }, 'Poisson looks at the book.') },
      horizon_sec: { type: real('s', { min: 0, max: PATH_SEC_MAX }, 'How far ahead it sees.') },
      edge_bps: {
        type: real(
          'bps',
          { min: 0, max: 1_000 },
          'Least gain for which it takes; at least its fee, or it loses.',
        ),
      },
      clip_usd: { type: real('USD', { min: 10, max: 1e6 }, 'Mean size of an order, exponential.') },
    },
  },
  sweeper: {
    about: 'bursts of market orders on one side at given times',
    fields: {
      ...HEAD,
      bursts: {
        description: 'When and how.',
        rows: {
          at_sec: { type: atSec },
          side: { type: word(['buy', 'sell'], 'Of its orders.') },
          order_count: { type: whole('orders', { min: 1, max: 1_000 }, 'In the burst, evenly spread.') },
          over_ms: {
            type: real('ms', { min: 0, max: 3_600_000 }, 'From the first order to the end of the burst.'),
          },
          depth_bps: { type: real('bps', { min: 0.1, max: 2_000 }, 'From fair to its limit.') },
          clip_usd: { type: clipUsd },
        },
      },
    },
  },
}
