/** What happened when: equity and drawdown, inventory, prices with own quotes and fills. One time axis for all. */
import { MICRO_USD_PER_USD } from '../../core/units.ts'
import { cell } from '../columns.ts'
import type { ReportedRun } from '../result.ts'
import { thinned, timeAxis, WIDTH, type Chart } from './chart.ts'
import { COLOURS } from './look.ts'

const FILLS_MAX = 3_000

export function equityChart(run: ReportedRun): Chart {
  const capital = run.figures.capitalMicroUsd
  const { samples } = run.recording
  const falls = new Float64Array(samples.length)
  let peak = -Infinity
  for (let row = 0; row < samples.length; row += 1) {
    const equity = cell(samples, 'equityMicroUsd', row)
    peak = Math.max(peak, equity)
    falls[row] = (equity - peak) / MICRO_USD_PER_USD
  }
  const firstTsMs = cell(samples, 'tsMs', 0)
  const rows = thinned(run, (at) => ({
    pnl: (at('equityMicroUsd') - capital) / MICRO_USD_PER_USD,
    fall: falls[Math.round((at('tsMs') - firstTsMs) / run.recording.blockMs)] ?? 0,
  }))
  return {
    title: 'Equity and drawdown',
    about: 'PnL of the account at the mark, and its distance from the highest point so far.',
    spec: {
      data: { values: rows },
      spacing: 8,
      vconcat: [
        {
          width: WIDTH,
          height: 200,
          layer: [
            { mark: { type: 'rule', color: COLOURS.axis }, encoding: { y: { datum: 0 } } },
            {
              mark: { type: 'line', color: COLOURS.ink, strokeWidth: 1.5 },
              encoding: {
                x: timeAxis(),
                y: { field: 'pnl', type: 'quantitative', axis: { title: 'PnL, USD' } },
              },
            },
          ],
        },
        {
          width: WIDTH,
          height: 80,
          mark: { type: 'area', color: COLOURS.loss, opacity: 0.5 },
          encoding: {
            x: timeAxis(),
            y: { field: 'fall', type: 'quantitative', axis: { title: 'drawdown', tickCount: 3 } },
          },
        },
      ],
    },
  }
}

export function inventoryChart(run: ReportedRun): Chart {
  const scale = 10 ** run.recording.szDecimals
  return {
    title: 'Inventory',
    about: `Position in ${baseOf(run)}; long above the line, short below.`,
    spec: {
      width: WIDTH,
      height: 140,
      data: { values: thinned(run, (at) => ({ size: at('positionLots') / scale })) },
      mark: {
        type: 'area',
        interpolate: 'step-after',
        color: COLOURS.bid,
        opacity: 0.45,
        line: { color: COLOURS.bid, strokeWidth: 1 },
      },
      encoding: { x: timeAxis(), y: { field: 'size', type: 'quantitative', axis: { title: baseOf(run) } } },
    },
  }
}

function baseOf(run: ReportedRun): string {
  const { coin } = run.market
  return coin.slice(coin.indexOf(':') + 1)
}

export function priceChart(run: ReportedRun): Chart {
  const scale = 10 ** run.recording.priceDecimals
  const priceOf = (ticks: number): number | null => (ticks === 0 ? null : ticks / scale)
  const lines = thinned(run, (at) => ({
    mid: priceOf(at('midTicks')),
    bid: priceOf(at('ownBidTicks')),
    ask: priceOf(at('ownAskTicks')),
  }))
  const { fills } = run.recording
  const stride = Math.max(1, Math.ceil(fills.length / FILLS_MAX))
  const dots = fills
    .filter((_, index) => index % stride === 0)
    .map(({ tsMs, side, priceTicks, sizeLots }) => ({
      t: tsMs,
      side: side === 'buy' ? 'bought' : 'sold',
      price: priceTicks / scale,
      size: sizeLots,
    }))
  const line = (field: string, color: string, width: number): Record<string, unknown> => ({
    mark: {
      type: 'line',
      interpolate: 'step-after',
      color,
      strokeWidth: width,
      invalid: 'break-paths-filter-domains',
    },
    encoding: {
      x: timeAxis(),
      y: { field, type: 'quantitative', scale: { zero: false }, axis: { title: 'price, USD' } },
    },
  })
  return {
    title: 'Price, own quotes and fills',
    about: `Grey: mid of the market. Lines: our best bid and ask. Triangles: what we bought and sold${stride > 1 ? ` (every ${stride}. fill)` : ''}.`,
    spec: {
      width: WIDTH,
      height: 320,
      data: { values: lines },
      layer: [
        line('bid', COLOURS.bid, 0.8),
        line('ask', COLOURS.ask, 0.8),
        line('mid', COLOURS.mid, 1.4),
        // An empty layer would leave the axes it shares without a range.
        ...(dots.length === 0 ? [] : [fillMarks(dots)]),
      ],
    },
  }
}

function fillMarks(values: readonly object[]): Record<string, unknown> {
  return {
    data: { values },
    mark: { type: 'point', filled: true, size: 60, opacity: 0.9, stroke: 'white', strokeWidth: 0.7 },
    encoding: {
      x: timeAxis(),
      y: { field: 'price', type: 'quantitative' },
      shape: {
        field: 'side',
        type: 'nominal',
        scale: { domain: ['bought', 'sold'], range: ['triangle-up', 'triangle-down'] },
        legend: { title: null, orient: 'top' },
      },
      color: {
        field: 'side',
        type: 'nominal',
        scale: { domain: ['bought', 'sold'], range: [COLOURS.bid, COLOURS.ask] },
        legend: { title: null, orient: 'top' },
      },
    },
  }
}
