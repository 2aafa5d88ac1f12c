import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bannerRecord, formatBanner } from '../../src/ops/banner.ts'
import { durationText, priceText, sizeText, usdText } from '../../src/ops/format.ts'
import { formatStatus, statusRecord } from '../../src/ops/status.ts'
import { formatSummary, summarise, summaryRecord, type SummaryFacts } from '../../src/ops/summary.ts'
import { someView } from '../support/view.ts'

const figures = { positionLots: -12_500, openOrderCount: 0, feesMicroUsd: 3_000_000, pnlMicroUsd: 12_345_679 }

const facts: SummaryFacts = {
  view: someView,
  durationMs: 3_723_400,
  requestCounts: { order: 40, cancel: 6 },
  seed: 7,
  configHash: 'ab'.repeat(32),
  journal: { dir: 'data/journal/x', hash: 'cd'.repeat(32) },
  ours: figures,
  venue: { ...figures },
}

describe('numbers for people', () => {
  test('dollars are exact to the micro-dollar at six digits', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (microUsd) => {
        const text = usdText(microUsd, 6)
        expect(text).toMatch(/^-?\d+\.\d{6}$/)
        expect(BigInt(text.replace('.', ''))).toBe(BigInt(microUsd))
      }),
    )
  })

  test.each([
    [1_999_999, 2, '1.99'],
    [-1_999_999, 2, '-1.99'],
    [-9_999, 2, '0.00'],
    [123_456_789, 0, '123'],
    [5, 6, '0.000005'],
  ])('%i micro-dollars with %i digits are %s', (microUsd, digits, text) => {
    expect(usdText(microUsd, digits)).toBe(text)
  })

  test.each([
    [0, '0 s'],
    [59_999, '59 s'],
    [61_000, '1 m 01 s'],
    [3_723_400, '1 h 02 m 03 s'],
    [90_061_000, '25 h 01 m 01 s'],
  ])('%i ms are %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })

  test('prices and sizes have the decimals of their market', () => {
    expect(priceText(775_605, 1)).toBe('77560.5')
    expect(priceText(null, 1)).toBe('–')
    expect(sizeText(-12_500, 5)).toBe('-0.12500')
  })
})

describe('the status line', () => {
  test('has what the owner asks for, in one line', () => {
    expect(formatStatus(someView)).toBe(
      'hyna:BTC  03:04:05  mid 77560.5  quote 77530.0 / 77595.0  spread 8.38 bps  sigma 0.870 bps/√s  kappa 2400  ' +
        'pos -0.12500  pnl 12.34  open 10  fills 37  quoting',
    )
  })

  test('shows the runway of requests when it is short', () => {
    expect(formatStatus({ ...someView, requestRunwayHours: 31.5 })).toContain(
      'fills 37  runway 31.5 h  quoting',
    )
  })

  test('says why when it is not quoting, and shows a dash for what is not known', () => {
    const view = {
      ...someView,
      state: 'notQuoting' as const,
      because: 'no book',
      ownBidTicks: null,
      spreadBps: null,
    }
    const line = formatStatus({ ...view, sigmaPerSqrtSec: null, kappaBid: null, kappaAsk: null })
    expect(line).toContain('quote – / 77595.0')
    expect(line).toContain('spread – bps  sigma – bps/√s  kappa –')
    expect(line).toMatch(/not quoting: no book$/)
  })

  test('is a JSON object with units of the market and null for what is not known', () => {
    const record = JSON.parse(JSON.stringify(statusRecord({ ...someView, ownBidTicks: null }))) as object
    expect(record).toMatchObject({
      kind: 'status',
      bid: null,
      ask: 77_595,
      position: -0.125,
      pnlUsd: 12.345_679,
    })
  })
})

describe('the summary', () => {
  test('adds up on paper as it does in the view', () => {
    const text = formatSummary(summarise(facts))
    const line = (name: string): bigint => {
      const match = new RegExp(`^ +${name} +(-?\\d+)\\.(\\d{6})`, 'm').exec(text)
      return BigInt(`${match?.[1]}${match?.[2]}`)
    }
    expect(line('spread') + line('fees') + line('funding') + line('inventory')).toBe(line('pnl'))
    expect(text).toContain('1 h 02 m 03 s')
    expect(text).toContain('46 (order 40, cancel 6)')
    expect(text).toContain(`data/journal/x  ${'cd'.repeat(32)}`)
  })

  test('refuses a PnL whose parts do not add up', () => {
    const pnl = { ...someView.pnl, feesMicroUsd: someView.pnl.feesMicroUsd + 1 }
    expect(() => summarise({ ...facts, view: { ...someView, pnl } })).toThrow(/add up/)
  })

  test('says of each figure whether the exchange has the same', () => {
    const equal = summarise(facts)
    expect(equal.agrees).toBe(true)
    expect(formatSummary(equal).match(/ equal$/gm)).toHaveLength(4)
    const different = summarise({ ...facts, venue: { ...figures, feesMicroUsd: 3_000_001 } })
    expect(different.agrees).toBe(false)
    expect(formatSummary(different)).toMatch(/fees +3\.000000 +3\.000001 {2}DIFFERENT/)
  })

  test('does not take silence for agreement', () => {
    const silent = summarise({ ...facts, venue: null })
    expect(silent.agrees).toBe(false)
    expect(formatSummary(silent)).toContain('nothing was compared')
    expect(summaryRecord(silent)).toMatchObject({ comparison: null, agrees: false })
  })
})

describe('the banner', () => {
  const banner = {
    version: '0.1.0',
    network: 'local',
    coin: 'hyna:BTC',
    assetId: 110_003,
    account: '0x00000000000000000000000000000000000000aa',
    exchangeUrl: 'http://127.0.0.1:40001',
    metricsUrl: 'http://127.0.0.1:9090/metrics',
    journalDir: 'data/journal/x',
    seed: 7,
    configHash: 'ab'.repeat(32),
    source: 'scenario calm',
  }

  test('says who it is, one fact a line', () => {
    const text = formatBanner(banner)
    const facts = [
      '0.1.0',
      'local',
      'hyna:BTC',
      '110003',
      ':40001',
      ':9090/metrics',
      'data/journal/x',
      'calm',
      'abababababab',
    ]
    for (const fact of facts) expect(text).toContain(fact)
    expect(formatBanner({ ...banner, metricsUrl: null })).toMatch(/metrics +off/)
    expect(formatBanner({ ...banner, source: null })).not.toContain('data  ')
  })

  test('keeps the whole hash in JSON', () => {
    expect(bannerRecord(banner)).toMatchObject({ kind: 'start', configHash: 'ab'.repeat(32), seed: 7 })
  })
})
