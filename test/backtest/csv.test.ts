/** Every headline figure comes out of the CSV files again, by code that shares nothing with the one under test. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BacktestRun } from '../../src/backtest/backtest.ts'
import { writeCsvFiles } from '../../src/backtest/csv.ts'
import { backtestOf } from './support.ts'

type Row = Readonly<Record<string, string>>

let folder = ''
let run: BacktestRun
let equity: Row[] = []
let fills: Row[] = []
let sums: Map<string, number>

function read(name: string): Row[] {
  const [head = '', ...lines] = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n')
  const names = head.split(',')
  return lines.map((line) =>
    Object.fromEntries(line.split(',').map((text, index) => [names[index] ?? '', text])),
  )
}

const number = (row: Row | undefined, name: string): number => {
  const value = Number(row?.[name])
  if (!Number.isFinite(value)) throw new Error(`${name} is not a number`)
  return value
}

const signed = (fill: Row): number => (fill['side'] === 'buy' ? 1 : -1) * number(fill, 'size_lots')

/** Mid of the first row at or after this time, by search. */
function midAt(tsMs: number): number | null {
  const row = equity.find((sample) => number(sample, 'ts_ms') >= tsMs)
  return row === undefined ? null : number(row, 'mid_ticks')
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hypermake-csv-'))
  run = backtestOf({ seed: 7, minutes: 6, scenario: 'trend' })
  writeCsvFiles(run.recording, folder)
  equity = read('equity.csv')
  fills = read('fills.csv')
  sums = new Map(read('run.csv').map((row) => [row['name'] ?? '', number(row, 'value')]))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('from the CSV files', () => {
  test('PnL and its parts', () => {
    const { attribution } = run.figures
    const first = equity[0]
    const last = equity.at(-1)
    let cash = 0
    let position = 0
    let spread = 0
    let adverse = 0
    let fees = 0
    for (const fill of fills) {
      const lots = signed(fill)
      cash -= lots * number(fill, 'price_ticks')
      position += lots
      fees -= number(fill, 'fee_micro_usd')
      const size = number(fill, 'size_lots')
      const sign = Math.sign(lots)
      const now = Math.round(number(fill, 'mid_ticks') * size)
      const later = Math.round((midAt(number(fill, 'ts_ms') + 10_000) ?? number(last, 'mid_ticks')) * size)
      spread += sign * (now - number(fill, 'price_ticks') * size)
      adverse += sign * (later - now)
    }
    const funding = read('funding.csv').reduce((sum, row) => sum + number(row, 'amount_micro_usd'), 0)
    expect(fills.length).toBeGreaterThan(5)
    expect(position).toBe(number(last, 'position_lots'))
    // The account by fills alone, valued at the last mark, against the exchange's own account value.
    const value = cash + position * number(last, 'mark_ticks') + fees + funding
    expect(value).toBe(number(last, 'equity_micro_usd') - number(first, 'equity_micro_usd'))
    expect(attribution.equityChangeMicroUsd).toBe(value)
    expect(attribution.spreadMicroUsd).toBe(spread)
    expect(attribution.adverseSelectionMicroUsd).toBe(adverse)
    expect(attribution.feesMicroUsd).toBe(fees)
    expect(attribution.fundingMicroUsd).toBe(funding)
    expect(attribution.inventoryMicroUsd).toBe(value - spread - adverse - fees - funding)
  })

  test('returns and their ratios', () => {
    const { returns } = run.figures
    const values: number[] = []
    const start = number(equity[0], 'ts_ms')
    const ticks = equity.filter((row) => (number(row, 'ts_ms') - start) % returns.intervalMs === 0)
    for (let index = 1; index < ticks.length; index += 1) {
      const change = number(ticks[index], 'equity_micro_usd') - number(ticks[index - 1], 'equity_micro_usd')
      values.push(change / number(equity[0], 'equity_micro_usd'))
    }
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
    const downside = Math.sqrt(
      values.reduce((sum, value) => sum + (value < 0 ? value * value : 0), 0) / values.length,
    )
    const perYear = (365 * 86_400_000) / returns.intervalMs
    const ratio = mean / Math.sqrt(variance)
    expect(values.length).toBe(returns.count)
    expect(returns.sharpe?.sharpePerPeriod).toBeCloseTo(ratio, 10)
    expect(returns.sharpe?.sharpe).toBeCloseTo(ratio * Math.sqrt(perYear), 6)
    expect(returns.sharpe?.sortino).toBeCloseTo((mean / downside) * Math.sqrt(perYear), 6)
    expect(returns.sharpeStdErr).toBeCloseTo(Math.sqrt(((1 + ratio ** 2 / 2) / values.length) * perYear), 6)
  })

  test('drawdown', () => {
    const values = equity.map((row) => number(row, 'equity_micro_usd'))
    const falls = values.map((value, index) => Math.max(...values.slice(0, index + 1)) - value)
    expect(run.figures.drawdown.maxAbsolute).toBe(Math.max(...falls))
  })

  test('trading', () => {
    const { trading } = run.figures
    const volume = fills.reduce(
      (sum, fill) => sum + number(fill, 'size_lots') * number(fill, 'price_ticks'),
      0,
    )
    const lots = fills.reduce((sum, fill) => sum + number(fill, 'size_lots'), 0)
    const requests = ['places', 'modifies', 'cancels', 'other_requests'].reduce(
      (sum, name) => sum + (sums.get(name) ?? 0),
      0,
    )
    expect(trading.fillCount).toBe(fills.length)
    expect(trading.volumeMicroUsd).toBe(volume)
    expect(trading.turnover).toBeCloseTo(volume / number(equity[0], 'equity_micro_usd'), 10)
    expect(trading.fillRatio).toBeCloseTo(lots / (sums.get('shown_lots') ?? 0), 10)
    expect(trading.requestsPerFill).toBeCloseTo(requests / fills.length, 10)
  })

  test.each([500, 2_000, 10_000, 60_000])('markouts after %i ms', (horizonMs) => {
    for (const side of ['buy', 'sell'] as const) {
      let gain = 0
      let value = 0
      for (const fill of fills.filter((one) => one['side'] === side)) {
        const mid = midAt(number(fill, 'ts_ms') + horizonMs)
        if (mid === null) continue
        gain += signed(fill) * (mid - number(fill, 'price_ticks'))
        value += number(fill, 'price_ticks') * number(fill, 'size_lots')
      }
      const shown = run.figures.markouts.find((one) => one.side === side && one.horizonMs === horizonMs)
      expect(value).toBeGreaterThan(0)
      expect(shown?.bps).toBeCloseTo((gain / value) * 10_000, 8)
    }
  })

  test('inventory and quoting', () => {
    const { inventory, quoting } = run.figures
    const share = (of: (row: Row) => boolean): number => equity.filter(of).length / equity.length
    const sizes = equity.map((row) => Math.abs(number(row, 'position_lots')))
    expect(inventory.maxAbsLots).toBe(Math.max(...sizes))
    expect(inventory.meanAbsLots).toBeCloseTo(sizes.reduce((sum, size) => sum + size, 0) / sizes.length, 8)
    expect(inventory.flatShare).toBe(share((row) => number(row, 'position_lots') === 0))
    expect(quoting.bothSidesShare).toBe(
      share((row) => number(row, 'own_bid_ticks') > 0 && number(row, 'own_ask_ticks') > 0),
    )
    expect(quoting.bidAtBestShare).toBe(
      share((row) => number(row, 'own_bid_ticks') > 0 && row['own_bid_ticks'] === row['best_bid_ticks']),
    )
  })

  test('fills per distance', () => {
    const depth = read('depth.csv')
    const inside = fills.filter((fill) => fill['crossed'] === 'false')
    const counted = depth.reduce((sum, row) => sum + number(row, 'fills'), 0)
    expect(counted).toBeGreaterThan(0.8 * inside.length)
    expect(counted).toBeLessThanOrEqual(inside.length)
  })
})
