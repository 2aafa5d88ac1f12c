/** The plots of the report as vega-lite specifications (data and encoding, no drawing), in the order of the page. */
import type { ReportedRun } from '../result.ts'
import type { Chart } from './chart.ts'
import { depthChart, markoutChart, termsChart } from './quote-charts.ts'
import { equityChart, inventoryChart, priceChart } from './time-charts.ts'
import { waterfallChart } from './waterfall-chart.ts'

/** Those that have something to show. */
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
