/** The page of a comparison: whole, escaped, with every strategy on every plot. */
import { readFileSync, rmSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compareStrategies } from '../../src/compose/compare.ts'
import { load } from '../support/config.ts'
import { captured } from '../support/captured.ts'

test('compare --report writes plots and tables of every scenario, and fetches nothing', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'compare-'))
  const report = join(dir, 'compare.html')
  const strategies = ['avellaneda-stoikov', 'size-skew+risk.max_position=0.6']
  const { out } = await captured(() =>
    compareStrategies({
      configOf: (assignments) => load({ assignments }).values,
      strategies,
      baseline: 'size-skew+risk.max_position=0.6',
      scenarios: ['calm', 'trend'],
      seedCount: 1,
      firstSeed: 3,
      minutes: 1,
      rateLimits: true,
      json: false,
      csv: null,
      report,
      configHash: '<hash>',
    }),
  )
  const page = readFileSync(report, 'utf8')
  rmSync(dir, { recursive: true })
  expect(page.match(/<svg/g)).toHaveLength(4)
  for (const strategy of strategies) {
    expect(page.split(`<td>${strategy}</td>`)).toHaveLength(5)
    expect(out).toContain(strategy)
  }
  // The title says it, and the table of trading has a column for what was refused.
  expect(page).toContain('the venue’s request limits hold')
  expect(page).toContain('<th>refused</th>')
  expect(page).toContain('Scenario trend')
  expect(page).toContain('&lt;hash&gt;')
  expect(page).not.toMatch(/<script|NaN|undefined|Infinity/)
  expect(page).not.toMatch(/(?:src|href)="|@import/)
  expect(out).toContain(`report in ${report}`)
})

test('an unknown scenario is refused before the first run, wherever it stands in the list', async () => {
  const run = captured(() =>
    compareStrategies({
      configOf: (assignments) => load({ assignments }).values,
      ...{
        strategies: ['fixed-spread'],
        baseline: null,
        scenarios: ['calm', 'nope'],
        seedCount: 1,
        firstSeed: 1,
      },
      ...{ minutes: 1, rateLimits: false, json: false, csv: null, report: null, configHash: '' },
    }),
  )
  await expect(run).rejects.toThrow(/scenario 'nope' is not known/)
})
