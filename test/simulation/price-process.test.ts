/** The price process against what it was asked for. Block lengths are not one second, so that a missing unit shows. */
import { describe, expect, test } from 'vitest'
import type { ExchangeCommand } from '../../src/exchange/command.ts'
import type { WorldView } from '../../src/simulation/participant.ts'
import { createBasisProcess } from '../../src/simulation/basis-process.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { createPriceProcess } from '../../src/simulation/price-process.ts'
import type { PriceConfig, PriceProcess } from '../../src/simulation/price-process.ts'
import { PATH_AHEAD_BLOCKS, priceAt } from '../../src/simulation/price-path.ts'

const CALM: PriceConfig = {
  sigmaPerSqrtSec: 8e-5,
  jumpsPerSec: 0,
  jumpBps: 0,
  regimes: [],
  trends: [],
  gaps: [],
}
const BLOCK_MS = 250
const START_TS_MS = 1_750_000_000_000

function processOf(config: PriceConfig, seed = 11): PriceProcess {
  const instruments = defaultVenue().instruments.filter(({ coin }) => coin === 'BTC' || coin === 'hyna:BTC')
  return createPriceProcess({
    name: 'price BTC',
    seed,
    initialUsd: 60_000,
    blockMs: BLOCK_MS,
    config,
    instruments,
  })
}

/** Prices at blocks 0…count, and the commands pushed on the way. */
function play(process: PriceProcess, count: number): { prices: number[]; commands: ExchangeCommand[] } {
  const prices: number[] = []
  const commands: ExchangeCommand[] = []
  for (let block = 0; block <= count; block += 1) {
    // The process looks at nothing but the time of its view.
    const view = { tsMs: START_TS_MS + block * BLOCK_MS } as WorldView
    process.participant.onBlock(view, commands)
    prices.push(priceAt(process.path, 0))
  }
  return { prices, commands }
}

function logReturns(prices: readonly number[]): number[] {
  return prices.slice(1).map((price, index) => Math.log(price / (prices[index] ?? NaN)))
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
}

describe('price process', () => {
  test('realised volatility is the configured one within 5 %', () => {
    // The standard error over n returns is 1/√(2n): 0.5 % here, so 5 % is ten of them.
    const { prices } = play(processOf(CALM), 20_000)
    const sigmaPerSqrtSec = rootMeanSquare(logReturns(prices)) / Math.sqrt(BLOCK_MS / 1000)
    expect(Math.abs(sigmaPerSqrtSec / 8e-5 - 1)).toBeLessThan(0.05)
  })

  test('volatility does not depend on the length of the sampling interval', () => {
    const { prices } = play(processOf(CALM), 40_000)
    const everyTen = prices.filter((_, index) => index % 10 === 0)
    const sigmaPerSqrtSec = rootMeanSquare(logReturns(everyTen)) / Math.sqrt((10 * BLOCK_MS) / 1000)
    // Standard error 1/√(2·4000) = 1.1 %.
    expect(Math.abs(sigmaPerSqrtSec / 8e-5 - 1)).toBeLessThan(0.05)
  })

  test('without volatility a trend arrives at its target exactly and stays', () => {
    const trend = { fromSec: 60, toSec: 1260, bps: 38 }
    const { prices } = play(processOf({ ...CALM, sigmaPerSqrtSec: 0, trends: [trend] }), 6000)
    expect(prices[240]).toBeCloseTo(60_000, 6)
    expect(prices[240 + 2400]).toBeCloseTo(60_000 * Math.sqrt(1.0038), 4)
    expect(prices[5040]).toBeCloseTo(60_000 * 1.0038, 4)
    expect(prices[6000]).toBeCloseTo(60_000 * 1.0038, 4)
  })

  test('a gap happens in the block that holds its time and in no other', () => {
    const gaps = [{ atSec: 1.2, bps: -80 }]
    const { prices } = play(processOf({ ...CALM, sigmaPerSqrtSec: 0, gaps }), 10)
    expect(prices[4]).toBeCloseTo(60_000, 6) // 1.00 s
    expect(prices[5]).toBeCloseTo(60_000 * 0.992, 6) // 1.25 s
    expect(prices[10]).toBeCloseTo(60_000 * 0.992, 6)
  })

  test('jumps come at the configured rate and have the configured size', () => {
    const config = { ...CALM, sigmaPerSqrtSec: 0, jumpsPerSec: 0.05, jumpBps: 20 }
    const jumps = logReturns(play(processOf(config), 80_000).prices).filter(
      (value) => Math.abs(value) > 1e-12,
    )
    // 80 000 blocks of 250 ms hold 1000 expected jumps; five standard errors are 5·√1000 = 158.
    expect(Math.abs(jumps.length - 1000)).toBeLessThan(158)
    // The standard error of a standard deviation over 1000 is 2.2 %.
    expect(Math.abs(rootMeanSquare(jumps) / 20e-4 - 1)).toBeLessThan(0.11)
  })

  test('regimes switch the volatility and their mean stay is kept', () => {
    const regimes = [
      { sigmaMultiplier: 1, meanSec: 30 },
      { sigmaMultiplier: 0, meanSec: 10 },
    ]
    const returns = logReturns(play(processOf({ ...CALM, regimes }), 160_000).prices)
    const stillShare = returns.filter((value) => value === 0).length / returns.length
    // 40 000 s hold 1000 cycles; the share of still time has a standard error near 0.8 %.
    expect(Math.abs(stillShare - 0.25)).toBeLessThan(0.04)
  })

  test('the oracle of every market of the coin follows the present price about every three seconds', () => {
    const { prices, commands } = play(processOf(CALM), 240)
    const oracles = commands.flatMap((command) => (command.kind === 'oracle' ? [command] : []))
    expect(oracles).toHaveLength(commands.length)
    expect(oracles).toHaveLength(2 * 20)
    expect(new Set(oracles.map(({ assetId }) => assetId))).toEqual(new Set([0, 110_000]))
    const last = oracles.at(-1)?.oracleTicks ?? 0
    expect(Math.abs(last / 10 / (prices.at(-1) ?? 0) - 1)).toBeLessThan(0.001)
  })

  test('the same seed gives the same path, another seed another', () => {
    const first = play(processOf(CALM, 5), 500).prices
    expect(play(processOf(CALM, 5), 500).prices).toEqual(first)
    expect(play(processOf(CALM, 6), 500).prices[500]).not.toBe(first[500])
  })

  test('the future of the path is what the present becomes', () => {
    const process = processOf(CALM)
    play(process, 7)
    const ahead = [1, 60, PATH_AHEAD_BLOCKS].map((offset) => priceAt(process.path, offset))
    const present = priceAt(process.path, 0)
    const view = { tsMs: START_TS_MS } as WorldView
    for (let block = 1; block <= PATH_AHEAD_BLOCKS; block += 1) {
      process.participant.onBlock(view, [])
      if (block === 1) expect(priceAt(process.path, 0)).toBe(ahead[0])
      if (block === 60) expect(priceAt(process.path, 0)).toBe(ahead[1])
    }
    expect(priceAt(process.path, 0)).toBe(ahead[2])
    expect(() => priceAt(process.path, -PATH_AHEAD_BLOCKS)).toThrow('looks back')
    expect(priceAt(process.path, -PATH_AHEAD_BLOCKS + 1)).not.toBe(present)
    expect(() => priceAt(process.path, PATH_AHEAD_BLOCKS + 1)).toThrow('sees beyond')
  })
})

describe('basis process', () => {
  test('keeps its standard deviation, its premium and its memory', () => {
    const process = processOf({ ...CALM, sigmaPerSqrtSec: 0 })
    const instrument = defaultVenue().instruments.find(({ coin }) => coin === 'hyna:BTC')
    if (instrument === undefined) throw new Error('the default venue has hyna:BTC')
    const { participant, market } = createBasisProcess({
      seed: 3,
      blockMs: BLOCK_MS,
      instrument,
      spot: process.path,
      config: { premiumBps: 25, basisBps: 2, reversionSec: 5, lagSec: 0 },
    })
    const basisBps: number[] = []
    for (let block = 0; block < 120_000; block += 1) {
      const view = { tsMs: START_TS_MS + block * BLOCK_MS } as WorldView
      process.participant.onBlock(view, [])
      participant.onBlock(view, [])
      basisBps.push((priceAt(market.fair, 0) / 600_000 - 1) * 1e4)
    }
    // 30 000 s are 3000 independent stays of 2·5 s: standard errors 2/√3000 = 0.037 bps and 1.3 %.
    const mean = basisBps.reduce((sum, value) => sum + value, 0) / basisBps.length
    expect(Math.abs(mean - 25)).toBeLessThan(0.2)
    const moving = basisBps.map((value) => value - mean)
    expect(Math.abs(rootMeanSquare(moving) / 2 - 1)).toBeLessThan(0.07)
    // After one reversion time (20 blocks) the autocorrelation is 1/e.
    const products = moving.slice(20).map((value, index) => value * (moving[index] ?? 0))
    const correlation = products.reduce((sum, value) => sum + value, 0) / products.length / 4
    expect(Math.abs(correlation - Math.exp(-1))).toBeLessThan(0.08)
  })
})
