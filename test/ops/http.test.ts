import { createServer, type AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import type { MakerView } from '../../src/core/view.ts'
import { healthOf } from '../../src/ops/health.ts'
import { startHttp, type OpsServer } from '../../src/ops/http.ts'
import { failureOfPromise } from '../support/failure.ts'
import { someView } from '../support/view.ts'

const open: OpsServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

/** What the maker shows; tests change it between two scrapes. */
interface Shown {
  view: MakerView | null
  isConnected: boolean
  requestCounts: Record<string, number>
}

async function start(shown: Shown, mode?: 'paper'): Promise<string> {
  const server = await startHttp({
    host: '127.0.0.1',
    port: 0,
    view: () => shown.view,
    requestCounts: () => shown.requestCounts,
    health: () => healthOf(shown.view, shown.isConnected),
    ...(mode === undefined ? {} : { mode }),
  })
  open.push(server)
  return server.url
}

/** Series of a page: name with labels → value. Written here anew, from the format's description. */
function seriesOf(page: string): Map<string, number> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), toNumber(line)]))
}

function toNumber(line: string): number {
  const text = line.slice(line.lastIndexOf(' ') + 1)
  return text === 'Nan' || text === 'NaN' ? Number.NaN : Number(text)
}

async function scrape(url: string): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  return seriesOf(await response.text())
}

describe('GET /metrics', () => {
  test('gives live values in the units of their names', async () => {
    const url = await start({ view: someView, isConnected: true, requestCounts: { order: 40, cancel: 6 } })
    const series = await scrape(url)
    const wanted: Readonly<Record<string, number>> = {
      mm_spread_bps: 8.3805,
      mm_position: -0.125,
      mm_daily_pnl: 7.5,
      mm_adverse_selection_bps: 0.75,
      mm_sigma: 0.000_087,
      mm_kappa: 2_400,
      mm_mid_price: 77_560.5,
      mm_open_orders: 10,
      mm_quoting: 1,
      mm_kill_switch: 0,
      mm_fills_total: 37,
      mm_volume_usd_total: 123_456.789_012,
      'mm_requests_total{kind="order"}': 40,
      'mm_requests_total{kind="cancel"}': 6,
      'mm_pnl_usd{part="total"}': 12.345_679,
      'mm_pnl_usd{part="fees"}': -3,
      'mm_floor_binding{side="ask",floor="fee"}': 1,
      'mm_waterfall_bps{side="bid",term="rounding"}': -0.015,
      'mm_estimate{name="spreadPercentile"}': 0.62,
      'mm_estimate{name="toxicity"}': Number.NaN,
      'mm_estimate_confidence{name="spreadPercentile",status="measured"}': 0.9,
      'mm_estimate_age_ms{name="spreadPercentile"}': 40,
      'mm_kappa_95{side="bid",bound="upper"}': 2_740,
      'mm_kappa_95{side="ask",bound="lower"}': Number.NaN,
      'mm_markout_bps{side="bid",horizon_ms="2000",since="fill"}': 0.8,
      'mm_markout_bps{side="bid",horizon_ms="2000",since="placement"}': Number.NaN,
      'mm_markout_error_bps{side="bid",horizon_ms="2000"}': 0.3,
      'mm_edge_bps{side="bid",part="net"}': 0.75,
      'mm_risk_aversion_factor{factor="depth"}': 1.5,
      mm_tight_quoting: 0,
      'mm_knife{direction="falling"}': 1,
      'mm_knife{direction="rising"}': 0,
      'mm_tight_condition{condition="volatility"}': 1,
      'mm_tight_condition{condition="depth"}': 0,
      'mm_floor_share{side="bid",floor="fee"}': 0.25,
    }
    for (const [name, value] of Object.entries(wanted)) expect(series.get(name), name).toBe(value)
  })

  test('follows the view from scrape to scrape, and forgets the series that no longer hold', async () => {
    const shown: Shown = { view: someView, isConnected: true, requestCounts: { order: 5 } }
    const url = await start(shown)
    await scrape(url)
    shown.view = {
      ...someView,
      fillCount: 38,
      askFloor: 'tick',
      askWaterfallBps: {},
      state: 'oneSided',
      spreadBps: null,
    }
    shown.requestCounts = { order: 7 }
    const series = await scrape(url)
    expect(series.get('mm_fills_total')).toBe(38)
    expect(series.get('mm_requests_total{kind="order"}')).toBe(7)
    expect(series.get('mm_quoting')).toBe(0)
    expect(series.get('mm_floor_binding{side="ask",floor="tick"}')).toBe(1)
    expect(series.has('mm_floor_binding{side="ask",floor="fee"}')).toBe(false)
    expect([...series.keys()].filter((name) => name.startsWith('mm_waterfall_bps{side="ask"'))).toEqual([])
  })

  test('shows what is not known as NaN, never as 0', async () => {
    const shown: Shown = { view: null, isConnected: false, requestCounts: {} }
    const url = await start(shown)
    for (const name of ['mm_position', 'mm_sigma', 'mm_daily_pnl', 'mm_kill_switch']) {
      expect((await scrape(url)).get(name), name).toBeNaN()
    }
    shown.view = {
      ...someView,
      sigmaPerSqrtSec: null,
      kappaBid: null,
      spreadBps: null,
      midTicks: null,
      bookAgeMs: null,
    }
    const series = await scrape(url)
    for (const name of ['mm_sigma', 'mm_kappa_bid', 'mm_spread_bps', 'mm_mid_price', 'mm_book_age_ms']) {
      expect(series.get(name), name).toBeNaN()
    }
    expect(series.get('mm_kappa'), 'the side that is known').toBe(2_500)
  })
})

test('every series of a run on paper has the label mode="paper", and none of another run', async () => {
  const shown: Shown = { view: someView, isConnected: true, requestCounts: { order: 1 } }
  const namesOf = async (url: string): Promise<string[]> => [
    ...seriesOf(await (await fetch(`${url}/metrics`)).text()).keys(),
  ]
  const paper = await namesOf(await start(shown, 'paper'))
  expect(paper).toContain('mm_position{mode="paper"}')
  expect(paper.filter((name) => !name.includes('mode="paper"'))).toEqual([])
  expect((await namesOf(await start(shown))).filter((name) => name.includes('mode='))).toEqual([])
})

describe('the table of docs/metrics.md', () => {
  test('has every metric with its type and labels, and no other', async () => {
    const url = await start({ view: someView, isConnected: true, requestCounts: { order: 3 } })
    const page = await (await fetch(`${url}/metrics`)).text()
    const types = [...page.matchAll(/^# TYPE ((?:mm|oracle)_\w+) (\w+)$/gm)].map(
      ([, name, type]) => `${name} ${type}`,
    )
    const docs = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
    const rows = [...docs.matchAll(/^\| `(\w+)` \| (\w+) \| ([\w, ]*?) ?\| (.+) \|$/gm)]
    expect(rows.length).toBeGreaterThan(20)
    expect(rows.map(([, name, type]) => `${name} ${type}`).sort()).toEqual(types.sort())
    for (const [, name = '', , labels = ''] of rows) {
      const line =
        page.split('\n').find((text) => text.startsWith(`${name}{`) || text.startsWith(`${name} `)) ?? ''
      const shown = [...line.matchAll(/(\w+)="/g)].map(([, label]) => label).join(', ')
      expect(shown, name).toBe(labels.trim())
    }
  })

  test('no name ends in a way that the linter of Prometheus refuses', async () => {
    const url = await start({ view: someView, isConnected: true, requestCounts: { order: 3 } })
    const page = await (await fetch(`${url}/metrics`)).text()
    const typed = [...page.matchAll(/^# TYPE (\w+) (\w+)$/gm)]
    expect(typed.some(([, name]) => name === 'process_cpu_seconds_total')).toBe(true)
    for (const [, name = '', type] of typed) expect(name.endsWith('_total'), name).toBe(type === 'counter')
  })
})

describe('GET /health', () => {
  test.each([
    ['quoting', someView, true, 200, null],
    [
      'one-sided is healthy',
      { ...someView, state: 'oneSided' as const, because: 'position limit' },
      true,
      200,
      null,
    ],
    [
      'killed',
      { ...someView, isKilled: true, state: 'killed' as const, because: 'daily loss' },
      true,
      503,
      'killed: daily loss',
    ],
    ['not connected', someView, false, 503, 'not connected to the venue'],
    ['before the market is known', null, false, 503, 'starting: the venue has not been asked yet'],
  ])('%s', async (_, view, isConnected, status, because) => {
    const url = await start({ view, isConnected, requestCounts: {} })
    const response = await fetch(`${url}/health`)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ status: status === 200 ? 'ok' : 'failing', because })
  })
})

describe('the server', () => {
  test('says in one sentence that its port is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const options = {
      host: '127.0.0.1',
      port,
      view: () => null,
      requestCounts: () => ({}),
      health: () => healthOf(null, false),
    }
    const failure = await failureOfPromise(startHttp(options))
    await new Promise((resolve) => other.close(resolve))
    expect(failure).toMatchObject({ name: 'OpsError', code: 'PORT_TAKEN' })
    expect(failure.message).toMatch(
      new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is taken.*--metrics-port.*\\.$`),
    )
  })

  test('names an address that is not of this machine', async () => {
    const options = {
      host: '192.0.2.7',
      port: 0,
      view: () => null,
      requestCounts: () => ({}),
      health: () => healthOf(null, false),
    }
    expect(await failureOfPromise(startHttp(options))).toMatchObject({ code: 'CANNOT_LISTEN' })
  })

  test('answers other paths with what there is, and closes although a scraper keeps its connection', async () => {
    const url = await start({ view: someView, isConnected: true, requestCounts: {} })
    const response = await fetch(`${url}/nothing`)
    expect([response.status, await response.json()]).toEqual([
      404,
      { error: 'there are /metrics and /health' },
    ])
    await open.pop()?.close()
    await expect(fetch(`${url}/health`)).rejects.toThrow()
  })
})
