/**
 * The plots of the report as vega-lite specifications: data and encoding, no drawing. Times are UTC; long series are thinned to
 * what a picture can show.
 * Long because each plot is one declaration and they share their look.
 */
import { WATERFALL_TERMS } from '../../core/contracts.ts'
import { MICRO_USD_PER_USD } from '../../core/units.ts'
import { usdText } from '../../ops/format.ts'
import { cell } from '../columns.ts'
import { MARKOUT_HORIZONS_MS } from '../markouts.ts'
import type { DepthPoint } from '../intensity.ts'
import type { SampleColumn } from '../recording.ts'
import type { ReportedRun } from '../result.ts'
import { COLOURS } from './look.ts'

export interface Chart {
  readonly title: string
  /** What to see in it, one or two sentences. */
  readonly about: string
  /** In vega-lite's language; its own types cannot follow axes that several plots share, so `renderSvg` checks it by compiling. */
  readonly spec: object
}

const WIDTH = 940
const POINTS_MAX = 1_200
const FILLS_MAX = 3_000
/** Terms that never reach this are not drawn. */
const TERM_BPS_MIN = 0.01

type Row = Readonly<Record<string, number | string | null>>

/** The charts that have something to show, in the order of the page. */
export function chartsOf(run: ReportedRun): Chart[] {
  const charts = [
    waterfallChart(run),
    equityChart(run),
    inventoryChart(run),
    priceChart(run),
    markoutChart(run),
    termsChart(run),
    depthChart(run),
  ]
  return charts.filter((chart) => chart !== null)
}

function timeAxis(title: string | null = null): Record<string, unknown> {
  return {
    field: 't',
    type: 'temporal',
    scale: { type: 'utc' },
    axis: { title, format: '%H:%M:%S', tickCount: 10 },
  }
}

/** About `POINTS_MAX` evenly spaced samples, the last one always among them. */
function thinned(run: ReportedRun, rowOf: (at: (name: SampleColumn) => number) => Row): Row[] {
  const { samples } = run.recording
  const stride = Math.max(1, Math.ceil(samples.length / POINTS_MAX))
  const rows: Row[] = []
  for (let row = (samples.length - 1) % stride; row < samples.length; row += stride) {
    rows.push({ t: cell(samples, 'tsMs', row), ...rowOf((name) => cell(samples, name, row)) })
  }
  return rows
}

function waterfallChart(run: ReportedRun): Chart {
  const { attribution } = run.figures
  const parts: readonly (readonly [name: string, microUsd: number])[] = [
    ['spread captured', attribution.spreadMicroUsd],
    ['adverse selection', attribution.adverseSelectionMicroUsd],
    ['inventory', attribution.inventoryMicroUsd],
    ['fees', attribution.feesMicroUsd],
    ['funding', attribution.fundingMicroUsd],
    ['liquidation', attribution.liquidationMicroUsd],
  ]
  let sum = 0
  const rows: Row[] = parts.map(([part, microUsd]) => {
    const from = sum / MICRO_USD_PER_USD
    sum += microUsd
    const to = sum / MICRO_USD_PER_USD
    return {
      part,
      from,
      to,
      top: Math.max(from, to),
      label: signedText(microUsd),
      sort: microUsd >= 0 ? 'gain' : 'loss',
    }
  })
  const total = attribution.equityChangeMicroUsd
  const totalUsd = total / MICRO_USD_PER_USD
  rows.push({
    part: 'PnL',
    from: 0,
    to: totalUsd,
    top: Math.max(0, totalUsd),
    label: signedText(total),
    sort: 'total',
  })
  const x = { field: 'part', type: 'nominal', sort: null, axis: { title: null, labelAngle: 0 } } as const
  return {
    title: 'Where the PnL came from',
    about: `Dollars. Adverse selection is the move of the mid in the ${attribution.horizonMs / 1000} s after each fill; inventory is everything after that. The bars add up to the change of the account to the micro-dollar.`,
    spec: {
      width: WIDTH,
      height: 240,
      data: { values: rows },
      layer: [
        {
          mark: { type: 'bar', width: { band: 0.6 } },
          encoding: {
            x,
            y: { field: 'from', type: 'quantitative', axis: { title: 'USD' } },
            y2: { field: 'to' },
            color: {
              field: 'sort',
              type: 'nominal',
              legend: null,
              scale: { domain: ['gain', 'loss', 'total'], range: [COLOURS.gain, COLOURS.loss, COLOURS.ink] },
            },
          },
        },
        {
          mark: { type: 'text', baseline: 'bottom', dy: -4, fontSize: 12, fontWeight: 600 },
          encoding: { x, y: { field: 'top', type: 'quantitative' }, text: { field: 'label' } },
        },
      ],
    },
  }
}

function equityChart(run: ReportedRun): Chart {
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

function inventoryChart(run: ReportedRun): Chart {
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

function priceChart(run: ReportedRun): Chart {
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

function markoutChart(run: ReportedRun): Chart | null {
  const rows = run.figures.markouts
    .filter(({ bps }) => bps !== null)
    .map(({ horizonMs, side, bps }) => ({
      after: horizonText(horizonMs),
      side: side === 'both' ? 'both' : side === 'buy' ? 'bought' : 'sold',
      bps,
    }))
  if (rows.length === 0) return null
  return {
    title: 'Markouts',
    about:
      'Mean gain of a fill against the mid so long after it, by value. A curve that falls below zero is flow that knew better.',
    spec: {
      width: WIDTH,
      height: 220,
      data: { values: rows },
      layer: [
        { mark: { type: 'rule', color: COLOURS.axis }, encoding: { y: { datum: 0 } } },
        {
          mark: { type: 'line', point: { size: 50 }, strokeWidth: 1.6 },
          encoding: {
            x: {
              field: 'after',
              type: 'ordinal',
              sort: MARKOUT_HORIZONS_MS.map(horizonText),
              axis: { title: 'time after the fill', labelAngle: 0 },
            },
            y: { field: 'bps', type: 'quantitative', axis: { title: 'bps' } },
            color: {
              field: 'side',
              type: 'nominal',
              scale: { domain: ['bought', 'sold', 'both'], range: [COLOURS.bid, COLOURS.ask, COLOURS.ink] },
              legend: { title: null, orient: 'top' },
            },
          },
        },
      ],
    },
  }
}

function termsChart(run: ReportedRun): Chart | null {
  const { terms } = run.recording
  const drawn = WATERFALL_TERMS.map((term, index) => ({ term, index })).filter(({ index }) =>
    terms.some(
      ({ bidBps, askBps }) =>
        Math.max(Math.abs(bidBps?.[index] ?? 0), Math.abs(askBps?.[index] ?? 0)) >= TERM_BPS_MIN,
    ),
  )
  if (drawn.length === 0) return null
  const stride = Math.max(1, Math.ceil(terms.length / (POINTS_MAX / 4)))
  const rows = terms
    .filter((_, index) => index % stride === 0)
    .flatMap(({ tsMs, bidBps, askBps }) =>
      (
        [
          ['bid', bidBps],
          ['ask', askBps],
        ] as const
      ).flatMap(([side, bps]) =>
        bps === null ? [] : drawn.map(({ term, index }) => ({ t: tsMs, side, term, bps: bps[index] ?? 0 })),
      ),
    )
  const panel = (side: string): Record<string, unknown> => ({
    width: WIDTH - 120,
    height: 150,
    transform: [{ filter: `datum.side === '${side}'` }],
    mark: { type: 'line', strokeWidth: 1.2, interpolate: 'step-after' },
    encoding: {
      x: timeAxis(),
      y: { field: 'bps', type: 'quantitative', axis: { title: `${side}, bps` } },
      color: {
        field: 'term',
        type: 'nominal',
        scale: { domain: drawn.map(({ term }) => term), scheme: 'category10' },
        legend: { title: null, orient: 'right' },
      },
    },
  })
  return {
    title: 'Terms of the spread',
    about:
      'What the innermost quotes of each side were made of, as distance from the fair price; positive is away from the market.',
    spec: { data: { values: rows }, spacing: 12, vconcat: [panel('bid'), panel('ask')] },
  }
}

function depthChart(run: ReportedRun): Chart | null {
  const { depth, intensityFit: fit } = run.figures
  const points = merged(depth)
    .filter((point) => point.fills > 0)
    .map(({ distanceBps, restedSec, fills }) => ({
      distance: distanceBps,
      rate: fills / restedSec,
      low: Math.max(fills - Math.sqrt(fills), 0.1) / restedSec,
      high: (fills + Math.sqrt(fills)) / restedSec,
    }))
  if (points.length === 0) return null
  const farthest = Math.max(...points.map((point) => point.distance))
  const curve =
    fit === null
      ? []
      : Array.from({ length: 61 }, (_, index) => {
          const distance = (farthest * index) / 60
          return { distance, rate: fit.fillsPerSec * Math.exp(-fit.kappa * distance * 1e-4) }
        })
  const x = {
    field: 'distance',
    type: 'quantitative',
    scale: { domainMin: 0 },
    axis: { title: 'distance of our order from the mid, bps' },
  }
  const y = {
    type: 'quantitative',
    scale: { type: 'log' },
    axis: { title: 'fills per order-second', format: '.2~g', tickCount: 4 },
  }
  return {
    title: 'Fill intensity against depth',
    about:
      fit === null
        ? 'Fills per second that an order of ours rested at this distance, bars of ±√n. Too few fills for a curve.'
        : `Fills per second that an order of ours rested at this distance, bars of ±√n. Curve: A·exp(−κδ) by maximum likelihood, A ${fit.fillsPerSec.toPrecision(3)}/s, κ ${fit.kappa.toFixed(0)} ± ${fit.kappaStdErr.toFixed(0)} (one standard error) from ${fit.fills} fills.`,
    spec: {
      width: WIDTH,
      height: 240,
      layer: [
        {
          data: { values: points },
          mark: { type: 'rule', color: COLOURS.bid, opacity: 0.5 },
          encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
        },
        {
          data: { values: points },
          mark: { type: 'point', filled: true, size: 45, color: COLOURS.bid, opacity: 1 },
          encoding: { x, y: { ...y, field: 'rate' } },
        },
        ...(fit === null
          ? []
          : [
              {
                data: { values: curve },
                mark: { type: 'line', color: COLOURS.ask, strokeWidth: 1.5 },
                encoding: { x, y: { ...y, field: 'rate' } },
              },
            ]),
      ],
    },
  }
}

/** Bins of about a basis point: the fit uses the fine ones, the eye wants more than one fill in each. */
function merged(depth: readonly DepthPoint[]): DepthPoint[] {
  const points = new Map<number, { restedSec: number; fills: number }>()
  for (const { distanceBps, restedSec, fills } of depth) {
    const bin = Math.floor(distanceBps)
    const point = points.get(bin) ?? { restedSec: 0, fills: 0 }
    points.set(bin, { restedSec: point.restedSec + restedSec, fills: point.fills + fills })
  }
  return [...points].map(([bin, point]) => ({ distanceBps: bin + 0.5, ...point }))
}

function horizonText(ms: number): string {
  return ms === 0 ? 'at the fill' : `${ms / 1000} s`
}

function signedText(microUsd: number): string {
  return microUsd > 0 ? `+${usdText(microUsd)}` : usdText(microUsd).replace('-', '−')
}

function baseOf(run: ReportedRun): string {
  const { coin } = run.market
  return coin.slice(coin.indexOf(':') + 1)
}
