/** How good the quotes were: markouts after fills, the terms of the spread, how often an order fills at which distance. */
import { WATERFALL_TERMS } from '../../core/contracts.ts'
import type { DepthPoint } from '../intensity.ts'
import { MARKOUT_HORIZONS_MS } from '../markouts.ts'
import type { ReportedRun } from '../result.ts'
import { POINTS_MAX, timeAxis, WIDTH, type Chart } from './chart.ts'
import { COLOURS } from './look.ts'

/** Terms that never reach this are not drawn. */
const TERM_BPS_MIN = 0.01

export function markoutChart(run: ReportedRun): Chart | null {
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

function horizonText(ms: number): string {
  return ms === 0 ? 'at the fill' : `${ms / 1000} s`
}

export function termsChart(run: ReportedRun): Chart | null {
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

export function depthChart(run: ReportedRun): Chart | null {
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
