/** Where the PnL came from: one bar for each part, and their sum. */
import { MICRO_USD_PER_USD } from '../../core/units.ts'
import { usdText } from '../../ops/format.ts'
import type { ReportedRun } from '../result.ts'
import { WIDTH, type Chart, type Row } from './chart.ts'
import { COLOURS } from './look.ts'

export function waterfallChart(run: ReportedRun): Chart {
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

function signedText(microUsd: number): string {
  return microUsd > 0 ? `+${usdText(microUsd)}` : usdText(microUsd).replace('-', '−')
}
