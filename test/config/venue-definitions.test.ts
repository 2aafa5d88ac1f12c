import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/config/errors.ts'
import { defaultVenue, readVenue, SHIPPED_MARKETS } from '../../src/config/venue-definitions.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'markets-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const MINE = `
[dex]
name = "mine"
full_name = "My DEX"
deployer = "0x00000000000000000000000000000000000000AB"
fee_scale = 1.0
open_interest_cap_usd = 5e6
collateral = { token = "USDT", index = 268, aligned = true }

[[margin_table]]
id = 60
tiers = [{ from_usd = 0, max_leverage = 12 }, { from_usd = 1e6, max_leverage = 6 }]

[[market]]
coin = "WIDGET"
size_decimals = 3
oracle_usd = 42.5
margin_table = 60
`

function fileOf(text: string, name = 'mine.toml'): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('the shipped markets', () => {
  test('are a main DEX and two builder DEXs of other collateral, with ids as on the venue', () => {
    const { dexs, instruments } = defaultVenue()
    expect(dexs.map(({ name, collateral }) => [name, collateral.name])).toEqual([
      ['', 'USDC'],
      ['hyna', 'USDE'],
      ['flx', 'USDH'],
    ])
    const ids = new Map(instruments.map(({ coin, assetId }) => [coin, assetId]))
    expect([ids.get('BTC'), ids.get('hyna:BTC'), ids.get('flx:GOLD')]).toEqual([0, 110_000, 120_004])
    const main = instruments.filter(({ dexIndex }) => dexIndex === 0)
    expect(main.map(({ coin }) => coin)).toEqual(expect.arrayContaining(['BTC', 'ETH', 'SOL', 'HYPE']))
    expect(main.some(({ marginPolicy }) => marginPolicy === 'strictIsolated')).toBe(true)
    expect(instruments.some(({ growthMode }) => growthMode)).toBe(true)
  })
})

describe('one file', () => {
  test('adds its DEX on top of the shipped ones, at the next index', () => {
    const { dexs, instruments } = readVenue(fileOf(MINE))
    expect(dexs.at(-1)).toEqual({
      index: 3,
      name: 'mine',
      fullName: 'My DEX',
      deployer: '0x00000000000000000000000000000000000000ab',
      collateral: { name: 'USDT', index: 268, isAligned: true },
      deployerFeeScale: 1,
      openInterestCapMicroUsd: 5e12,
    })
    expect(instruments.at(-1)).toMatchObject({
      assetId: 130_000,
      coin: 'mine:WIDGET',
      initialOracleTicks: 42_500,
      marginTiers: [
        { lowerBoundMicroUsd: 0, maxLeverage: 12 },
        { lowerBoundMicroUsd: 1e12, maxLeverage: 6 },
      ],
    })
  })

  test('with the name of a shipped DEX takes its place', () => {
    const text = readFileSync(join(SHIPPED_MARKETS, 'flx.toml'), 'utf8')
    const spec = readVenue(
      fileOf(text.replace('oracle_usd = 2600', 'oracle_usd = 2700').replace('index = 2\n', '')),
    )
    expect(spec.dexs).toEqual(defaultVenue().dexs)
    expect(spec.instruments.at(-1)?.initialOracleTicks).toBe(270_000)
  })
})

test('a folder is the whole venue, and the same whatever order its DEXs are indexed in', () => {
  const whole = join(folder, 'whole')
  mkdirSync(whole)
  const main = readFileSync(join(SHIPPED_MARKETS, 'main.toml'), 'utf8')
  writeFileSync(join(whole, 'z-main.toml'), main)
  writeFileSync(join(whole, 'a-mine.toml'), MINE)
  const spec = readVenue(whole)
  expect(spec.dexs.map(({ name, index }) => [name, index])).toEqual([
    ['', 0],
    ['mine', 1],
  ])
  expect(spec.instruments.at(-1)?.assetId).toBe(110_000)
})

describe('what cannot be a market is refused with file, field, value and remedy', () => {
  test.each([
    [
      'an unknown key',
      MINE.replace('fee_scale', 'fee_scal'),
      /dex has no key fee_scal; did you mean fee_scale/,
    ],
    [
      'a value out of range',
      MINE.replace('size_decimals = 3', 'size_decimals = 7'),
      /market\[1\]\.size_decimals = 7/,
    ],
    ['a missing value', MINE.replace('oracle_usd = 42.5\n', ''), /market\[1\]\.oracle_usd is missing/],
    [
      'a margin table that is not there',
      MINE.replace('margin_table = 60', 'margin_table = 61'),
      /margin_table = 61 is not in this file \(it has 60\); add/,
    ],
    [
      'tiers in the wrong order',
      MINE.replace('max_leverage = 6 ', 'max_leverage = 20 '),
      /margin_table id = 60: margin tiers ascend/,
    ],
    [
      'a coin twice',
      MINE + MINE.slice(MINE.indexOf('[[market]]')),
      /market\[2\] WIDGET: coin = "WIDGET" stands here twice/,
    ],
    [
      'a taken index',
      MINE.replace('[dex]', '[dex]\nindex = 1'),
      /dex\.index = 1 is taken: .*hyna\.toml has it; leave it out/,
    ],
    ['a gap', MINE.replace('[dex]', '[dex]\nindex = 9'), /no DEX has the index 3/],
    [
      'a token under another index',
      MINE.replace('"USDT", index = 268, aligned = true', '"USDC", index = 5'),
      /a token has one index/,
    ],
    ['a price below a tick', MINE.replace('42.5', '0.0001'), /oracle_usd = 0\.0001 is below one tick/],
    [
      'an oracle source that is no market',
      MINE.replace('coin = "WIDGET"', 'coin = "WIDGET"\noracle_source = "BTCC"'),
      /oracle_source = "BTCC" is no market; did you mean BTC/,
    ],
    [
      'an oracle source at another price',
      MINE.replace('coin = "WIDGET"', 'coin = "WIDGET"\noracle_source = "BTC"'),
      /BTC begins at 60000/,
    ],
    ['no TOML', 'dex = [', /:1:/],
  ])('%s', (_name, text, wanted) => {
    const path = fileOf(text)
    const refused = (): unknown => readVenue(path)
    expect(refused).toThrow(ConfigError)
    expect(refused).toThrow(wanted)
    expect(refused).toThrow(path)
  })

  test('no such path, and a folder without files', () => {
    expect(() => readVenue(join(folder, 'nowhere'))).toThrow(
      /nowhere: cannot be read .* TOML file or a folder/,
    )
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    expect(() => readVenue(empty)).toThrow(/holds no \.toml file/)
  })
})
