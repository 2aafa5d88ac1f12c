import { Command, InvalidArgumentError } from 'commander'
import { describe, expect, test } from 'vitest'
import {
  addConfigFlags,
  addMarketFlags,
  addVenueFlags,
  configOf,
  parseAccountTail,
  parseDuration,
  parsePort,
} from '../../src/cli/flags.ts'
import type { EffectiveConfig } from '../../src/config/config.ts'
import { captured } from '../support/captured.ts'

function configFrom(...args: string[]): EffectiveConfig {
  const command = addConfigFlags(addVenueFlags(addMarketFlags(new Command())))
  return configOf(command.exitOverride().parse(args, { from: 'user' }).opts())
}

describe('durations', () => {
  test.each([
    ['500ms', 500],
    ['20s', 20_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['24d', 2_073_600_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.each(['', '20', 's', '0s', '-5s', '1e3s', '20 s', '25d', '20sec'])('%j is refused', (text) => {
    expect(() => parseDuration(text)).toThrow(InvalidArgumentError)
  })
})

test.each([
  ['0', 0],
  ['65535', 65_535],
])('port %s is taken', (text, port) => {
  expect(parsePort(text)).toBe(port)
})

test.each(['65536', '-1', '80.5', 'http', ''])('port %j is refused', (text) => {
  expect(() => parsePort(text)).toThrow(InvalidArgumentError)
})

test('the tail of an account is six hexadecimal digits, in small letters', () => {
  expect(parseAccountTail('aBc123')).toBe('abc123')
  for (const text of ['abc12', 'abc1234', '0xabc1', 'ghijkl']) {
    expect(() => parseAccountTail(text), text).toThrow(InvalidArgumentError)
  }
})

describe('flags that stand for keys', () => {
  test('reach their keys', () => {
    const { values } = configFrom(
      ...['--asset', 'ETH', '--dex', 'flx', '--target-liquidity', '3.5', '--risk-aversion', '0.45'],
      ...[
        '--max-bps-diff',
        '2.5',
        '--max-position',
        '7.5',
        '--initial-isolated-margin',
        '1234.5',
        '--force-isolated',
      ],
      ...['--network', 'testnet', '--api-url', 'http://127.0.0.1:3001', '--strategy', 'fixed-spread'],
      ...['--metrics-port', '9191', '--log-level', 'warn'],
    )
    expect(values.market).toEqual({
      asset: 'ETH',
      dex: 'flx',
      initialIsolatedMargin: 1234.5,
      forceIsolated: true,
      reference: '',
    })
    expect(values.quoting.targetLiquidity).toBe(3.5)
    expect(values.risk).toMatchObject({ gammaBase: 0.45, maxPosition: 7.5 })
    expect(values.execution.maxBpsDiff).toBe(2.5)
    expect(values.venue).toMatchObject({ network: 'testnet', apiUrl: 'http://127.0.0.1:3001' })
    expect([values.strategy.name, values.metrics.port, values.log.level]).toEqual([
      'fixed-spread',
      9191,
      'warn',
    ])
  })

  test('win over --set, and --set takes several', () => {
    const { values } = configFrom(
      '--risk-aversion',
      '0.45',
      '--set',
      'risk.gamma_base=0.5',
      'quoting.ladder.levels=7',
    )
    expect([values.risk.gammaBase, values.quoting.ladder.levels]).toEqual([0.45, 7])
  })

  test('of two --set of one key the later counts, and stderr says which', async () => {
    const { code: levels, err } = await captured(() => {
      const { values } = configFrom(
        ...['--set', 'risk.gamma_base=0.5', 'quoting.ladder.levels=7'],
        ...['--set', 'quoting.ladder.levels=8', 'risk.gamma_base=0.5'],
      )
      return Promise.resolve(values.quoting.ladder.levels)
    })
    expect(levels).toBe(8)
    expect(err).toBe(
      '--set quoting.ladder.levels is given more than once: quoting.ladder.levels=8 counts, quoting.ladder.levels=7 does not\n',
    )
  })

  test.each([
    [
      ['--target-liquidity', 'much'],
      /--target-liquidity: quoting\.target_liquidity = "much" is not a number \(base units\)/,
    ],
    [['--max-position', '-2'], /--max-position: risk\.max_position = -2/],
    [['--metrics-port', '9090.5'], /--metrics-port: metrics\.port = 9090\.5 is not a whole number/],
    [['--network', 'moon'], /--network: venue\.network = "moon" is not one of local, testnet, mainnet/],
  ])('%j is named as it was typed', (args, message) => {
    expect(() => configFrom(...args)).toThrow(message)
  })
})
