/** A backtest is a function of its options; it ends when it should, and plays recorded markets like simulated ones. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generateTape } from '../../src/backtest/generate.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { openTape } from '../../src/simulation/tape-binance.ts'
import { backtestOf } from './support.ts'

test('the same options give the same hashes, another seed gives others', () => {
  const first = backtestOf({ seed: 5, minutes: 2 })
  const again = backtestOf({ seed: 5, minutes: 2 })
  const other = backtestOf({ seed: 6, minutes: 2 })
  expect(again.hashes).toEqual(first.hashes)
  expect(again.figures).toEqual(first.figures)
  expect(other.hashes.run).not.toBe(first.hashes.run)
})

test('the settings matter: another risk aversion decides otherwise in the same market', () => {
  const first = backtestOf({ seed: 5, minutes: 2 })
  const other = backtestOf({ seed: 5, minutes: 2, set: ['risk.gamma_base=2'] })
  expect(other.hashes.engine).not.toBe(first.hashes.engine)
})

test('it plays the asked-for minutes, with a sample for each block', () => {
  const { figures, recording } = backtestOf({ seed: 5, minutes: 1.5 })
  expect(figures.endTsMs - figures.startTsMs).toBe(90_000)
  expect(recording.samples.length).toBe(901)
})

test('hours and days add up to the run, and shares are shares', () => {
  const { figures } = backtestOf({ seed: 8, minutes: 5 })
  const { hours, attribution, quoting, inventory } = figures
  expect(hours.reduce((sum, hour) => sum + hour.pnlMicroUsd, 0)).toBe(attribution.equityChangeMicroUsd)
  expect(hours.reduce((sum, hour) => sum + hour.fillCount, 0)).toBe(figures.trading.fillCount)
  for (const { startTsMs, ...day } of figures.days) {
    const own = hours.filter((hour) => hour.startTsMs >= startTsMs && hour.startTsMs < startTsMs + 86_400_000)
    const sum = (of: 'pnlMicroUsd' | 'fillCount' | 'volumeMicroUsd'): number =>
      own.reduce((total, hour) => total + hour[of], 0)
    expect(day).toEqual({
      pnlMicroUsd: sum('pnlMicroUsd'),
      fillCount: sum('fillCount'),
      volumeMicroUsd: sum('volumeMicroUsd'),
    })
  }
  for (const share of [quoting.bothSidesShare, quoting.bidAtBestShare, inventory.flatShare]) {
    expect(share).toBeGreaterThanOrEqual(0)
    expect(share).toBeLessThanOrEqual(1)
  }
  expect(quoting.bothSidesShare).toBeGreaterThan(0.9)
})

test('a tape is played to its end, at its own time, and the account adds up', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hypermake-backtest-'))
  try {
    const path = join(folder, 'market.gz')
    generateTape({
      spec: defaultVenue(),
      coin: 'BTC',
      scenario: 'sweep',
      seed: 9,
      minutes: 2,
      blockMs: 100,
      path,
    })
    const tape = openTape(path)
    const { figures, recording, hashes } = backtestOf({ seed: 1, minutes: null, tape, coin: 'BTC' })
    expect(Math.abs(figures.startTsMs - tape.firstTsMs)).toBeLessThan(1_000)
    expect(recording.samples.length).toBeGreaterThan(1_150)
    expect(recording.fills.length).toBeGreaterThan(0)
    expect(figures.attribution.unexplainedMicroUsd).toBe(0)
    expect(figures.quoting.bothSidesShare).toBeGreaterThan(0.9)
    // The seed decides nothing on a tape.
    expect(backtestOf({ seed: 2, minutes: null, tape: openTape(path), coin: 'BTC' }).hashes).toEqual(hashes)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
