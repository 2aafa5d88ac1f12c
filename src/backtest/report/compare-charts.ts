/** The plots of a comparison, one set a scenario: what each strategy earns, risks and holds, with intervals and every seed. */
import type { CompareReport, CompareRow } from '../compare.ts'
import type { Interval } from '../statistics.ts'
import type { Chart } from './chart.ts'
import { COLOURS, STRATEGY_HUES } from './look.ts'

const PANEL_WIDTH = 250
const ROW_HEIGHT = 34
const SCATTER_WIDTH = 940
const SCATTER_HEIGHT = 320

type Row = Readonly<Record<string, number | string>>

/** @param scenario one of those of the report */
export function compareChartsOf(report: CompareReport, scenario: string): Chart[] {
  const rows = report.rows.filter((row) => row.scenario === scenario)
  return [intervalChart(rows), scatterChart(report, scenario)]
}

function intervalChart(rows: readonly CompareRow[]): Chart {
  const panels = [
    intervalPanel(rows, 'PnL per unit of inventory risk', (row) => row.pnlPerRisk, true),
    intervalPanel(rows, 'PnL, USD', (row) => row.pnlUsd, false),
    intervalPanel(rows, 'mean |inventory|, USD', (row) => row.meanAbsInventoryUsd, false),
  ]
  return {
    title: 'Earned, and what it took',
    about:
      'Mean over the seeds and its 95 % interval. Right is better on the first two, left on the last. Whether two strategies differ is said by the differences seed by seed in the table, not by whether these intervals touch.',
    spec: { spacing: 26, hconcat: panels },
  }
}

/** @param isFirst has the names of the strategies beside it */
function intervalPanel(
  rows: readonly CompareRow[],
  title: string,
  intervalOf: (row: CompareRow) => Interval | null,
  isFirst: boolean,
): object {
  const values: Row[] = rows.flatMap((row) => {
    const interval = intervalOf(row)
    if (interval === null) return []
    const half = interval.halfWidth ?? 0
    const { mean } = interval
    return [{ strategy: row.strategy, mean, low: mean - half, high: mean + half }]
  })
  const axis = isFirst ? { title: null, labelLimit: 180, ticks: false } : null
  const y = { field: 'strategy', type: 'nominal', sort: rows.map(({ strategy }) => strategy), axis }
  const x = { field: 'low', type: 'quantitative', scale: { zero: true }, axis: { title, tickCount: 5 } }
  const color = colourOf(rows.map(({ strategy }) => strategy))
  return {
    width: PANEL_WIDTH,
    height: ROW_HEIGHT * rows.length,
    data: { values },
    layer: [
      { mark: { type: 'rule', color: COLOURS.axis }, encoding: { x: { datum: 0 } } },
      {
        mark: { type: 'rule', strokeWidth: 3, opacity: 0.45 },
        encoding: { y, x, x2: { field: 'high' }, color },
      },
      {
        mark: { type: 'point', filled: true, size: 70, opacity: 1 },
        encoding: { y, x: { ...x, field: 'mean' }, color },
      },
    ],
  }
}

function scatterChart(report: CompareReport, scenario: string): Chart {
  const runs = report.runs.filter((run) => run.scenario === scenario)
  const values: Row[] = runs.map((run) => ({
    strategy: run.strategy,
    pnl: run.pnlUsd,
    inventory: run.meanAbsInventoryUsd,
  }))
  return {
    title: 'Every run',
    about: 'One point a seed. High and to the left is better: more earned while less was held.',
    spec: {
      width: SCATTER_WIDTH,
      height: SCATTER_HEIGHT,
      data: { values },
      layer: [
        { mark: { type: 'rule', color: COLOURS.axis }, encoding: { y: { datum: 0 } } },
        {
          mark: { type: 'point', filled: true, size: 45, opacity: 0.75 },
          encoding: {
            x: { field: 'inventory', type: 'quantitative', axis: { title: 'mean |inventory|, USD' } },
            y: { field: 'pnl', type: 'quantitative', axis: { title: 'PnL, USD' } },
            color: {
              ...colourOf([...new Set(runs.map(({ strategy }) => strategy))]),
              legend: { title: null, orient: 'top', labelLimit: 400 },
            },
          },
        },
      ],
    },
  }
}

function colourOf(strategies: readonly string[]): object {
  const range = strategies.map((_, index) => STRATEGY_HUES[index % STRATEGY_HUES.length])
  return { field: 'strategy', type: 'nominal', legend: null, scale: { domain: strategies, range } }
}
