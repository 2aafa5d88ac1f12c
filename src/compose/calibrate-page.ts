/** The page of a calibration: each fitted number with its interval, and pictures of how well the fits hold. */
import { escaped, tableSection } from '../backtest/report/html.ts'
import { COLOURS, STYLE } from '../backtest/report/look.ts'
import { renderSvg } from '../backtest/report/render.ts'
import { durationText } from '../ops/format.ts'
import type { MarketData } from './calibrate-data.ts'
import type { Calibration, FittedKey } from './calibrate-fit.ts'

const WIDTH = 940

export async function calibrationPage(
  data: MarketData,
  fit: Calibration,
  keys: readonly FittedKey[],
): Promise<string> {
  const plots: string[] = []
  for (const { title, about, spec } of plotsOf(fit)) {
    plots.push(`<h2>${escaped(title)}</h2><p>${escaped(about)}</p>${await renderSvg(spec)}`)
  }
  const table = tableSection({
    title: 'What was fitted',
    about: '95 % intervals, by the jackknife over twenty stretches of the data.',
    head: ['key', 'value', 'from', 'to', 'now', ''],
    rows: keys.map(({ key, value, low, high, now, leftOut }) => [
      key,
      value,
      low,
      high,
      now,
      leftOut ?? 'written',
    ]),
  })
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Calibration of ${escaped(data.coin)}</title>
<style>${STYLE}</style></head><body>
<h1>Calibration of ${escaped(data.coin)}</h1>
<p>${escaped(data.source)} · ${durationText(fit.seconds * 1000)} · ${fit.orderCount} market orders (${fit.staleOrderCount} more without a depth)</p>
${table}
${plots.join('\n')}
</body></html>
`
}

interface Plot {
  readonly title: string
  readonly about: string
  readonly spec: object
}

/** How well the exponential describes the depths, and what that means: without the verdict the figures are easily passed over. */
export function depthFitText({ depthKs, depthKsByChance }: Calibration): string {
  const verdict = depthKs <= depthKsByChance ? 'holds' : 'is a summary here, not the shape'
  return `${depthKs.toFixed(3)}; chance alone shows up to ${depthKsByChance.toFixed(3)}, so the exponential ${verdict}`
}

function plotsOf(fit: Calibration): Plot[] {
  const quantity = (field: string, title: string, scale: object = {}): object => ({
    field,
    type: 'quantitative',
    scale: { zero: false, ...scale },
    axis: { title },
  })
  const reached = fit.depths.filter((point) => point.perSec > 0)
  return [
    {
      title: 'Fill intensity against depth',
      about: `Market orders per second and side that reached so deep (points), and A·exp(−kappa·δ) (line), on a logarithmic scale. Largest distance of the distributions ${depthFitText(fit)}.`,
      spec: {
        ...{ width: WIDTH, height: 300, data: { values: reached } },
        layer: [
          {
            mark: { type: 'point', filled: true, color: COLOURS.bid, size: 30 },
            encoding: {
              x: quantity('depthBps', 'depth, bps'),
              y: { ...quantity('perSec', 'orders per second'), scale: { type: 'log' } },
            },
          },
          {
            mark: { type: 'line', color: COLOURS.ask },
            encoding: {
              x: quantity('depthBps', 'depth, bps'),
              y: { field: 'fittedPerSec', type: 'quantitative', scale: { type: 'log' } },
            },
          },
        ],
      },
    },
    {
      title: 'Volatility by how often one looks',
      about:
        'Sigma per √second from returns over different times, with its interval. It is flat in a market without bounce or trend; what rises to the left is bounce.',
      spec: {
        ...{ width: WIDTH, height: 240 },
        data: { values: fit.sigmas.map(({ sampleMs, sigma }) => ({ sec: sampleMs / 1000, ...sigma })) },
        layer: errorBars('sec', { type: 'log' }, 'seconds between looks', 'sigma per √s'),
      },
    },
    {
      title: 'What the mid does after a market order',
      about:
        'Mean move in the direction of the order, bps of the mid, with its interval: what a resting quote that was hit loses.',
      spec: {
        ...{ width: WIDTH, height: 240 },
        data: { values: fit.moves.map(({ horizonMs, bps }) => ({ sec: horizonMs / 1000, ...bps })) },
        layer: errorBars('sec', { type: 'log' }, 'seconds after the order', 'bps'),
      },
    },
  ]
}

function errorBars(x: string, scale: object, xTitle: string, yTitle: string): object[] {
  const at = { field: x, type: 'quantitative', scale, axis: { title: xTitle } }
  const y = { type: 'quantitative', scale: { zero: false }, axis: { title: yTitle } }
  return [
    {
      mark: { type: 'rule', color: COLOURS.axis, strokeWidth: 2 },
      encoding: { x: at, y: { ...y, field: 'low' }, y2: { field: 'high' } },
    },
    {
      mark: { type: 'line', color: COLOURS.bid, point: { size: 45 } },
      encoding: { x: at, y: { ...y, field: 'value' } },
    },
  ]
}
