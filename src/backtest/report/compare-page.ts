/** The report of a comparison: one HTML file, per scenario its plots and its tables, nothing fetched from anywhere. */
import type { CompareReport } from '../compare.ts'
import { compareChartsOf } from './compare-charts.ts'
import { escaped, tableSection } from './html.ts'
import { STYLE } from './look.ts'
import { renderSvg } from './render.ts'
import type { Table } from './tables.ts'

export interface CompareFacts {
  /** `30 seeds (1…30), 10 virtual minutes each`. */
  readonly title: string
  readonly coin: string
  readonly configHash: string
  readonly version: string
}

export async function comparePage(
  report: CompareReport,
  tablesOf: (scenario: string) => readonly Table[],
  facts: CompareFacts,
): Promise<string> {
  const sections: string[] = []
  for (const scenario of new Set(report.rows.map((row) => row.scenario))) {
    sections.push(`<h2>Scenario ${escaped(scenario)}, baseline ${escaped(report.baseline)}</h2>`)
    for (const { title, about, spec } of compareChartsOf(report, scenario)) {
      sections.push(`<h3>${escaped(title)}</h3><p>${escaped(about)}</p>${await renderSvg(spec)}`)
    }
    sections.push(...tablesOf(scenario).map(tableSection))
  }
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Strategies on ${escaped(facts.coin)}</title>
<style>${STYLE} h2 { margin-top: 48px; } h3 { font-size: 14px; margin: 22px 0 2px; }</style></head><body>
<h1>Strategies on ${escaped(facts.coin)}</h1>
<p>${escaped(facts.title)} · simulated money; every strategy meets every seed, with its orders in the exchange’s own book</p>
${sections.join('\n')}
<h2>What was run</h2>
<p>hypermake ${escaped(facts.version)} · configuration <code>${escaped(facts.configHash)}</code>. The same build, configuration and seeds give the same figures.</p>
</body></html>
`
}
