import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPipeline } from '../../estimators/pipeline.ts'
import { assertPipelineConfig } from '../../estimators/pipeline-config.ts'
import { ConfigError } from '../../src/config/errors.ts'
import { CONFIG_FIELDS } from '../../src/config/schema.ts'
import { assertGlftLadderConfig } from '../../strategies/glft-ladder-config.ts'
import { btcMarket } from '../support/core-facts.ts'
import { failureOf, load } from '../support/config.ts'

describe('values that cannot go together', () => {
  test.each([
    [
      ['quoting.ladder.min_depth_bps=50', 'quoting.ladder.max_depth_bps=49'],
      'max_depth_bps',
      'min_depth_bps',
    ],
    [
      ['risk.min_spread_floor_bps=5.9', 'risk.maker_fee_rate_bps=3'],
      'min_spread_floor_bps',
      'maker_fee_rate_bps',
    ],
    [['risk.price_collar_bps=199'], 'price_collar_bps', 'max_depth_bps'],
    [['venue.reconnect_min_ms=5000', 'venue.reconnect_max_ms=4999'], 'reconnect_max_ms', 'reconnect_min_ms'],
    [['risk.max_book_age_ms=150', 'execution.timer_ms=151'], 'max_book_age_ms', 'timer_ms'],
    [['risk.max_book_age_ms=150', 'exchange.block_ms=151'], 'max_book_age_ms', 'block_ms'],
    [['margin.top_up_distance_pct=20'], 'target_distance_pct', 'top_up_distance_pct'],
    [['margin.release_distance_pct=20'], 'release_distance_pct', 'target_distance_pct'],
    [['estimators.stale_ms=999'], 'stale_ms', 'volatility_sample_ms'],
    [
      ['estimators.volatility_slow_half_life_sec=60'],
      'volatility_slow_half_life_sec',
      'volatility_half_life_sec',
    ],
    [['estimators.sigma_prior_per_sqrt_sec=0.0000009'], 'sigma_prior_per_sqrt_sec', 'sigma_min_per_sqrt_sec'],
    [['estimators.kappa_prior=49'], 'kappa_prior', 'kappa_min'],
    [['estimators.kappa_prior=10001'], 'kappa_max', 'kappa_prior'],
    [['estimators.microprice_gate_usd_low=5000'], 'microprice_gate_usd_high', 'microprice_gate_usd_low'],
    [['estimators.toxicity_bucket_count=4'], 'toxicity_bucket_count', 'toxicity_buckets_min'],
  ])('%s', (assignments, high, low) => {
    const { code, message } = failureOf(() => load({ assignments }))
    expect(code).toBe('IMPOSSIBLE')
    expect(message).toMatch(new RegExp(`${high} = \\S+ \\(.*${low} = \\S+ \\(.*: `))
    expect(message).toContain('(--set)')
  })

  test('margin that is never taken back has no distance to compare, and collateral is not moved without a limit', () => {
    expect(load({ assignments: ['margin.release_distance_pct=0'] }).values.margin.releaseDistancePct).toBe(0)
    const { code, message } = failureOf(() => load({ assignments: ['margin.collateral_source=spot'] }))
    expect([code, message]).toEqual([
      'IMPOSSIBLE',
      expect.stringContaining('collateral_daily_usd = 0') as unknown,
    ])
    const assignments = ['margin.collateral_source=spot', 'margin.collateral_daily_usd=1']
    expect(load({ assignments }).values.margin.collateralSource).toBe('spot')
  })

  test('are accepted at the very edge', () => {
    const assignments = [
      'risk.min_spread_floor_bps=6',
      'risk.maker_fee_rate_bps=3',
      'risk.price_collar_bps=200',
      'risk.max_book_age_ms=100',
      'execution.timer_ms=100',
    ]
    expect(load({ assignments }).values.risk.minSpreadFloorBps).toBe(6)
  })

  test('blocks of the embedded exchange do not matter on a real network', () => {
    const assignments = ['venue.network=testnet', 'risk.max_book_age_ms=150', 'exchange.block_ms=5000']
    expect(load({ assignments }).values.exchange.blockMs).toBe(5000)
  })

  test('a file may not choose itself', () => {
    expect(failureOf(() => load({ profile: 'testnet', assignments: ['market.asset=x:'] })).code).toBe(
      'BAD_VALUE',
    )
  })
})

describe('what is allowed but looks unintended', () => {
  test.each([
    ['quoting.target_liquidity=0.6', /more than risk\.max_position/],
    ['metrics.host=0.0.0.0', /other machines/],
  ])('%s is warned about', (assignment, warning) => {
    expect(load({ assignments: [assignment] }).warnings.join()).toMatch(warning)
  })

  test.each(['127.0.0.1', '127.3.2.9', 'localhost', '::1'])('%s is loopback', (host) => {
    expect(load({ assignments: [`metrics.host=${host}`] }).warnings).toEqual([])
  })

  test('an address without encryption is warned about on a real network only', () => {
    const plain = 'venue.api_url=http://10.0.0.7:3001'
    expect(load({ assignments: [plain] }).warnings).toEqual([])
    expect(load({ assignments: [plain, 'venue.network=testnet'] }).warnings.join()).toMatch(/not encrypted/)
  })
})

/** What a field may hold, as text for `--set`, drawn from its own bounds. */
function valueOf(key: string): fc.Arbitrary<string> {
  const field = CONFIG_FIELDS.find((candidate) => candidate.key === key)
  const schema = field?.type.toJSONSchema() as {
    type?: string
    minimum?: number
    maximum?: number
    enum?: string[]
  }
  const { type, minimum = 0, maximum = 0 } = schema
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (type === 'boolean') return fc.boolean().map(String)
  if (type === 'integer') return fc.integer({ min: minimum, max: maximum }).map(String)
  // Ends are drawn often: that is where an assertion further in would disagree.
  const real = fc.double({ min: minimum, max: maximum, noNaN: true })
  if (type === 'number') return fc.oneof(real, fc.constantFrom(minimum, maximum)).map(String)
  return fc.constant('')
}

describe('the bounds of the schema', () => {
  const keys = CONFIG_FIELDS.map(({ key }) => key).filter(
    (key) =>
      /^(estimators|strategy\.glft|stochastic|quoting|risk)\./.test(key) && !/hours|regime_enter/.test(key),
  )

  test('let nothing through that the estimators or the ladder would call a bug', () => {
    const two = fc
      .uniqueArray(fc.constantFrom(...keys), { minLength: 1, maxLength: 4 })
      .chain((chosen) => fc.tuple(...chosen.map((key) => valueOf(key).map((text) => `${key}=${text}`))))
    let acceptedCount = 0
    fc.assert(
      fc.property(two, (assignments) => {
        try {
          const { values } = load({ assignments })
          acceptedCount += 1
          const { risk, quoting, stochastic, strategy, estimators } = values
          assertPipelineConfig(estimators)
          createPipeline(estimators).init(btcMarket)
          assertGlftLadderConfig({
            ...risk,
            ...quoting.ladder,
            ...stochastic,
            ...strategy.glft,
            targetLots: 25_000,
          })
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error
          expect(error.code).toBe('IMPOSSIBLE')
        }
      }),
      { numRuns: 300 },
    )
    expect(acceptedCount).toBeGreaterThan(100)
  })
})
