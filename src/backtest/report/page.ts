/** The report: one HTML file with its plots inside it and nothing fetched from anywhere. */
import { MICRO_USD_PER_USD } from '../../core/units.ts'
import { durationText, MISSING, numberText, usdText } from '../../ops/format.ts'
import type { ReportedRun } from '../result.ts'
import { chartsOf } from './charts.ts'
import { escaped, tableSection } from './html.ts'
import { STYLE } from './look.ts'
import { renderSvg } from './render.ts'
import { tablesOf } from './tables.ts'

export interface ReportFacts {
  /** `Backtest`, `Paper run`, `Live run`. */
  readonly what: string
  /** `scenario calm, seed 7`; the tape; the network. */
  readonly source: string
  /** Whose money it was, and whose fills. */
  readonly money: string
  readonly strategy: string
  readonly configHash: string
  readonly version: string
  /** Hashes by name, and what they prove. */
  readonly hashes: readonly (readonly [name: string, hash: string])[]
  readonly proof: string
}

/** The same run and facts give the same bytes. */
export async function reportPage(run: ReportedRun, facts: ReportFacts): Promise<string> {
  const { figures } = run
  const sections: string[] = []
  for (const { title, about, spec } of chartsOf(run)) {
    sections.push(`<h2>${escaped(title)}</h2><p>${escaped(about)}</p>${await renderSvg(spec)}`)
  }
  const tables = tablesOf(run).map(tableSection)
  const span = `${new Date(figures.startTsMs).toISOString().slice(0, 19)} UTC, ${durationText(figures.endTsMs - figures.startTsMs)}`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(facts.what)} of ${escaped(facts.strategy)} on ${escaped(run.market.coin)}</title>
<style>${STYLE}</style></head><body>
<h1>${escaped(facts.strategy)} on ${escaped(run.market.coin)}</h1>
<p>${escaped(facts.what)} · ${escaped(facts.source)} · ${span} · ${escaped(facts.money)}</p>
<div class="tiles">${tilesOf(run)
    .map(([name, value]) => `<div class="tile"><b>${escaped(value)}</b><span>${escaped(name)}</span></div>`)
    .join('')}</div>
${sections.join('\n')}
<div class="tables">${tables.join('\n')}</div>
<h2>What was run</h2>
<p>hypermake ${escaped(facts.version)} · configuration <code>${escaped(facts.configHash)}</code> · ${facts.hashes.map(([name, hash]) => `${escaped(name)} <code>${escaped(hash)}</code>`).join(' · ')}. ${escaped(facts.proof)}</p>
</body></html>
`
}

function tilesOf({ figures }: ReportedRun): (readonly [name: string, value: string])[] {
  const { attribution, drawdown, trading, returns, inventory, quoting } = figures
  const sharpe = returns.sharpe?.sharpePerPeriod ?? null
  return [
    ['PnL, USD', usdText(attribution.equityChangeMicroUsd)],
    ['max drawdown, USD', usdText(drawdown.maxAbsolute)],
    [
      `Sharpe per ${returns.intervalMs / 1000} s, ± standard error`,
      sharpe === null
        ? MISSING
        : `${numberText(sharpe, 2)} ± ${numberText(returns.sharpe?.stdErrIid ?? null, 2)}`,
    ],
    ['fills', String(trading.fillCount)],
    ['volume, USD', usdText(trading.volumeMicroUsd, 0)],
    ['turnover, × capital', numberText(trading.turnover, 2)],
    ['largest position, USD', (inventory.maxAbsMicroUsd / MICRO_USD_PER_USD).toFixed(0)],
    ['quoting both sides', `${numberText(100 * quoting.bothSidesShare, 1)} %`],
    ['fill ratio', trading.fillRatio === null ? MISSING : `${numberText(100 * trading.fillRatio, 2)} %`],
    ['requests per fill', numberText(trading.requestsPerFill, 1)],
  ]
}
