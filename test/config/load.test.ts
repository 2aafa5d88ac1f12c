import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { configHash } from '../../src/config/load.ts'
import { CONFIG_FIELDS } from '../../src/config/schema.ts'
import { failureOf, load } from '../support/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'hypermake-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const asset = (value: string) => ({ flag: '--asset', key: 'market.asset', value })
const dex = (value: string) => ({ flag: '--dex', key: 'market.dex', value })

describe('the given defaults', () => {
  test('hold without any layer on top', () => {
    const { values, warnings } = load()
    expect(values.risk).toMatchObject({ gammaBase: 0.3, minSpreadFloorBps: 8, maxPosition: 0.5 })
    expect(values.quoting).toMatchObject({ targetLiquidity: 0.25, ladder: { levels: 5, feesBps: 3.5 } })
    expect(values.stochastic).toMatchObject({
      quoteUpdateLatencyMs: 50,
      tightQuotingMaxInventory: 0.3,
      tightQuotingMaxToxicity: 0.1,
      tightQuotingExcludedHours: [7, 14],
    })
    expect(values.execution.maxBpsDiff).toBe(2)
    expect(values.market).toEqual({
      asset: 'BTC',
      dex: 'hyna',
      reference: '',
      initialIsolatedMargin: 1000,
      forceIsolated: false,
    })
    expect(load({ flags: [asset('BTC')] }).values.risk.makerFeeRateBps).toBe(1.5)
    expect(warnings).toEqual([])
  })
})

describe('layers', () => {
  test('each wins over all before it, and the origin says which', () => {
    const first = fileOf('first.toml', '[risk]\ngamma_base = 0.41\n')
    const second = fileOf('second.toml', '[risk]\ngamma_base = 0.42\n')
    const environment = { HYPERMAKE_RISK__GAMMA_BASE: '0.43' }
    const assignments = ['risk.gamma_base=0.44']
    const flags = [{ flag: '--risk-aversion', key: 'risk.gamma_base', value: '0.45' }]
    const stack = [
      { files: [first] },
      { files: [first, second] },
      { files: [first, second], environment },
      { files: [first, second], environment, assignments },
      { files: [first, second], environment, assignments, flags },
    ]
    const seen = stack.map((over) => {
      const { values, origins } = load(over)
      return [values.risk.gammaBase, origins['risk.gamma_base']]
    })
    expect(seen).toEqual([
      [0.41, first],
      [0.42, second],
      [0.43, 'HYPERMAKE_RISK__GAMMA_BASE'],
      [0.44, '--set'],
      [0.45, '--risk-aversion'],
    ])
  })

  test('profile of the network, named profile, DEX and asset lie below the files, in this order', () => {
    const named = fileOf(
      'careful.toml',
      '[risk]\nmax_book_age_ms = 2500\nmaker_fee_rate_bps = 2.0\nmax_position = 0.1\n',
    )
    const { values, origins } = load({
      assignments: ['venue.network=mainnet'],
      profile: named,
      flags: [asset('ETH'), dex('hyna')],
    })
    expect(values.risk.maxDailyLossUsd).toBe(50)
    expect(origins['risk.max_daily_loss_usd']).toBe('config/profiles/mainnet.toml')
    expect(origins['risk.max_book_age_ms']).toBe(named)
    expect(origins['risk.maker_fee_rate_bps']).toBe('config/dexs/hyna.toml')
    expect(origins['risk.max_position']).toBe('config/assets/ETH.toml')
  })

  test('a profile by name sets the network, and the network brings its own profile', () => {
    const { values, origins } = load({ profile: 'testnet' })
    expect(values.venue.network).toBe('testnet')
    expect(origins['execution.max_orders_per_sec']).toBe('config/profiles/testnet.toml')
  })

  test.each(['local', 'testnet', 'mainnet'])(
    'the shipped files fit together on %s, for every asset and DEX',
    (network) => {
      for (const coin of ['BTC', 'ETH', 'SOL', 'HYPE']) {
        for (const name of ['', 'hyna', 'flx']) {
          const { values } = load({
            assignments: [`venue.network=${network}`],
            flags: [asset(coin), dex(name)],
          })
          expect(values.quoting.targetLiquidity).toBeLessThanOrEqual(values.risk.maxPosition)
        }
      }
    },
  )
})

describe('asset and DEX', () => {
  test.each([
    ['nothing given', [], 'hyna', 'BTC'],
    ['an asset alone is on the main DEX', [asset('ETH')], '', 'ETH'],
    ['even the default asset', [asset('BTC')], '', 'BTC'],
    ['a DEX alone keeps the default asset', [dex('flx')], 'flx', 'BTC'],
    ['both', [asset('ETH'), dex('hyna')], 'hyna', 'ETH'],
    ['a prefix names the DEX', [asset('flx:BTC')], 'flx', 'BTC'],
    ['a prefix that repeats the DEX', [asset('hyna:ETH'), dex('hyna')], 'hyna', 'ETH'],
  ])('%s', (_, flags, wantedDex, wantedAsset) => {
    expect(load({ flags }).values.market).toMatchObject({ dex: wantedDex, asset: wantedAsset })
  })

  test('a DEX of a file holds for the asset of a flag: only the default one is dropped', () => {
    const path = fileOf('dex.toml', '[market]\ndex = "flx"\n')
    expect(load({ files: [path], flags: [asset('ETH')] }).values.market.dex).toBe('flx')
  })

  test('a foreign prefix is refused with both names', () => {
    const { code, message } = failureOf(() => load({ flags: [asset('flx:BTC'), dex('hyna')] }))
    expect(code).toBe('FOREIGN_PREFIX')
    expect(message).toMatch(/flx:BTC.*"hyna".*--dex flx/)
  })

  test('an asset without a file of its own gets sizes from the capital, unless they were given', () => {
    const { values, warnings } = load({ flags: [asset('DOGE')] })
    expect(values).toMatchObject({ risk: { maxPosition: 0 }, quoting: { targetLiquidity: 0 } })
    expect(warnings).toEqual([])
    const sized = [{ flag: '--target-liquidity', key: 'quoting.target_liquidity', value: '0.3' }]
    expect(load({ flags: [asset('DOGE'), ...sized] }).values.quoting.targetLiquidity).toBe(0.3)
  })
})

describe('errors', () => {
  const file = (text: string) => () => load({ files: [fileOf('bad.toml', text)] })
  const set = (text: string) => () => load({ assignments: [text] })
  const env = (name: string, text: string) => () => load({ environment: { [name]: text } })

  test.each([
    [
      'a misspelt key',
      set('risk.gama_base=1'),
      'UNKNOWN_KEY',
      /risk\.gama_base.*did you mean risk\.gamma_base\?/,
    ],
    [
      'a key of another unit',
      set('stochastic.quote_update_latency_s=1'),
      'UNKNOWN_KEY',
      /quote_update_latency_ms/,
    ],
    ['a key of another section', set('risk.levels=3'), 'UNKNOWN_KEY', /quoting\.ladder\.levels/],
    ['a misspelt section', file('[rysk]\ngamma_base = 1\n'), 'UNKNOWN_KEY', /bad\.toml: .*rysk.*risk/],
    [
      'a key on the top',
      file('gamma_base = 1\n'),
      'UNKNOWN_KEY',
      /bad\.toml: .*gamma_base.*risk\.gamma_base/,
    ],
    ['a section as a value', file('risk = 3\n'), 'BAD_VALUE', /risk is a table/],
    ['a table as a value', file('[risk.gamma_base]\nx = 1\n'), 'BAD_VALUE', /risk\.gamma_base/],
    [
      'a unit in a number',
      file('[execution]\ntimer_ms = "50ms"\n'),
      'BAD_VALUE',
      /timer_ms = "50ms".*\(ms\).*without unit/,
    ],
    ['a date', file('[risk]\ngamma_base = 2026-01-01\n'), 'BAD_VALUE', /risk\.gamma_base/],
    ['not a number', file('[risk]\ngamma_base = nan\n'), 'BAD_VALUE', /risk\.gamma_base/],
    [
      'a fraction of levels',
      set('quoting.ladder.levels=2.5'),
      'BAD_VALUE',
      /whole number \(levels\), 1 … 20/,
    ],
    ['a port too large', set('metrics.port=65536'), 'BAD_VALUE', /0 … 65535/],
    ['an hour too late', set('risk.toxic_hours=7,24'), 'BAD_VALUE', /each 0 … 23/],
    ['an hour twice', set('risk.toxic_hours=[7, 7]'), 'BAD_VALUE', /names an hour twice/],
    ['steps that fall', set('estimators.volatility_regime_enter=2,1,3'), 'BAD_VALUE', /rising/],
    ['steps too few', set('estimators.volatility_regime_enter=1,2'), 'BAD_VALUE', /3 rising/],
    ['a word unknown', set('journal.sync=always'), 'BAD_VALUE', /one of every, group, never/],
    ['a switch', set('market.force_isolated=yes'), 'BAD_VALUE', /true or false/],
    ['an empty number', env('HYPERMAKE_RISK__GAMMA_BASE', ''), 'BAD_VALUE', /HYPERMAKE_RISK__GAMMA_BASE/],
    [
      'a misspelt variable',
      env('HYPERMAKE_RISK__GAMA_BASE', '1'),
      'UNKNOWN_VARIABLE',
      /did you mean HYPERMAKE_RISK__GAMMA_BASE/,
    ],
    [
      'a misspelt key variable',
      env('HYPERMAKE_PRIVATEKEY', '1'),
      'UNKNOWN_VARIABLE',
      /HYPERMAKE_PRIVATE_KEY/,
    ],
    [
      'a small letter in a variable',
      env('HYPERMAKE_RISK__gamma_base', '1'),
      'UNKNOWN_VARIABLE',
      /gamma_base/,
    ],
    ['no assignment', set('risk.gamma_base'), 'BAD_ASSIGNMENT', /key=value/],
    ['no file', () => load({ files: ['/nowhere/x.toml'] }), 'FILE_UNREADABLE', /\/nowhere\/x\.toml/],
    ['no TOML', file('[risk]\ngamma_base = = 3\n'), 'BAD_TOML', /bad\.toml:2:\d+/],
    ['no profile', () => load({ profile: 'mainet' }), 'UNKNOWN_PROFILE', /did you mean mainnet\?/],
    ['a version of the future', file('schema_version = 2\n'), 'BAD_VALUE', /schema_version = 2/],
    ['a path as an asset', set('market.asset=../../etc'), 'BAD_VALUE', /market\.asset/],
  ])('%s is named', (_, body, code, message) => {
    const failure = failureOf(body)
    expect(failure.code).toBe(code)
    expect(failure.message).toMatch(message)
  })

  test('a password in an address is not repeated', () => {
    const { message } = failureOf(set('venue.api_url=https://me:sesame@host/'))
    expect(message).not.toContain('sesame')
  })
})

describe('the result', () => {
  test('is frozen to the bottom', () => {
    const { values } = load()
    expect(() => Object.assign(values.quoting.ladder, { levels: 6 })).toThrow(TypeError)
    expect(() => (values.risk.toxicHours as number[]).push(3)).toThrow(TypeError)
  })

  test('has an origin for every key', () => {
    const { origins } = load()
    expect(Object.keys(origins)).toEqual(CONFIG_FIELDS.map(({ key }) => key))
    expect(Object.values(origins)).not.toContain('nowhere')
  })

  test('has one hash for one configuration, however it was put together', () => {
    const path = fileOf('same.toml', '[risk]\ngamma_base = 0.7\n[market]\ndex = "hyna"\nasset = "BTC"\n')
    const flags = [{ flag: '--risk-aversion', key: 'risk.gamma_base', value: '0.7' }, dex('hyna')]
    expect(load({ files: [path] }).hash).toBe(load({ flags }).hash)
  })

  test('has another hash when any number is another', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 100, noNaN: true }), (gammaBase) => {
        const { values } = load()
        const other = { ...values, risk: { ...values.risk, gammaBase } }
        expect(configHash(other) === configHash(values)).toBe(gammaBase === values.risk.gammaBase)
      }),
      { numRuns: 30 },
    )
  })

  test('knows nothing of secrets', () => {
    const key = '0x' + '5a'.repeat(32)
    const withKey = load({ environment: { HYPERMAKE_PRIVATE_KEY: key, PATH: '/bin' } })
    expect(JSON.stringify(withKey)).not.toContain('5a5a')
    expect(withKey.hash).toBe(load().hash)
  })
})
