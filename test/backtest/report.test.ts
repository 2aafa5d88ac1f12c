/** The report is one whole page: every plot inside it, nothing fetched, foreign text escaped. */
import { describe, expect, test, vi } from 'vitest'
import { reportPage } from '../../src/backtest/report/page.ts'
import type { ReportFacts } from '../../src/backtest/report/page.ts'
import { usdText } from '../../src/ops/format.ts'
import { backtestOf } from './support.ts'

const FACTS: ReportFacts = {
  what: 'Backtest',
  source: 'scenario <calm> & seed 7',
  money: 'simulated money',
  strategy: 'glft-ladder',
  configHash: 'abc',
  version: '1.2.3',
  hashes: [['run', 'f00']],
  proof: 'Again the same.',
}

describe('the report', () => {
  test('has every plot and table, and asks for nothing from outside', async () => {
    const run = backtestOf({ seed: 7, minutes: 6 })
    const page = await reportPage(run, FACTS)
    expect(page.match(/<svg/g)).toHaveLength(7)
    for (const title of [
      'Where the PnL came from',
      'Equity and drawdown',
      'Inventory',
      'Price, own quotes',
      'Markouts',
      'Terms of the spread',
      'Fill intensity',
    ]) {
      expect(page).toContain(`<h2>${title}`)
    }
    expect(page).toContain(usdText(run.figures.attribution.equityChangeMicroUsd, 6))
    expect(page).toContain('run <code>f00</code>. Again the same.')
    expect(await reportPage(run, FACTS)).toBe(page)
    expect(page).toContain('scenario &lt;calm&gt; &amp; seed 7')
    // Namespaces are names, not addresses.
    const links = [...page.matchAll(/(?:src|href)="([^"]*)"|url\(([^)]*)\)|@import/g)].map(([text]) => text)
    expect(links.filter((text) => !/url\(("|&quot;|')?#/.test(text))).toEqual([])
    expect(page).not.toMatch(/<script|NaN|undefined|Infinity/)
  })

  test('of a run without fills leaves out what has nothing to show', async () => {
    const run = backtestOf({ seed: 7, minutes: 0.05 })
    expect(run.figures.trading.fillCount).toBe(0)
    const warnings = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const page = await reportPage(run, FACTS)
    expect(warnings).not.toHaveBeenCalled()
    warnings.mockRestore()
    expect(page).not.toContain('<h2>Fill intensity')
    expect(page).not.toMatch(/NaN|undefined|Infinity/)
  })
})
