/** What `hypermake exchange` is given besides its scenario: accounts, latency, and a venue of the size of the public one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { accountsIn } from '../../src/compose/deposits.ts'
import { startEmbedded, type Embedded, type EmbeddedOptions } from '../../src/compose/embedded.ts'
import { ConfigError } from '../../src/config/errors.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { accountState } from '../../src/exchange/queries/account.ts'
import { createLog } from '../../src/ops/log.ts'
import { load } from '../support/config.ts'
import { LARGE_DEXS, LARGE_MARKET_COUNT, writeLargeVenue } from '../support/large-venue.ts'

const VENUE = defaultVenue()
const START_MS = 1_700_000_000_000
const ADDRESS = `0x${'AB'.repeat(20)}`

let folder: string
let embedded: Embedded | null = null
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exchange-options-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(async () => {
  await embedded?.close()
  embedded = null
})

function fileOf(text: string): string {
  const path = join(folder, 'accounts.toml')
  writeFileSync(path, text)
  return path
}

async function start(
  options: Partial<EmbeddedOptions>,
  assignments: readonly string[] = [],
): Promise<Embedded> {
  const { values } = load({ assignments: ['log.level=silent', ...assignments] })
  embedded = await startEmbedded({
    values,
    seed: 4,
    tape: null,
    scenario: null,
    clock: { nowMs: () => START_MS, speed: 1 },
    host: '127.0.0.1',
    port: 0,
    log: createLog(values.log),
    markets: [],
    ...options,
  })
  return embedded
}

async function info(of: Embedded, body: object): Promise<unknown> {
  const answer = await fetch(`${of.apiUrl}/info`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.status).toBe(200)
  return answer.json()
}

test('--schedule-cancel-volume sets the volume that scheduleCancel needs; without it, it is the venue’s', async () => {
  const gateOf = ({ world }: Embedded): number => world.exchange.options.scheduleCancelVolumeGateMicroUsd
  expect(gateOf(await start({}))).toBe(1e12)
  await embedded?.close()
  expect(gateOf(await start({ scheduleCancelUsd: 0 }))).toBe(0)
  await embedded?.close()
  expect(gateOf(await start({ scheduleCancelUsd: 250 }))).toBe(250e6)
})

test('a taken port and a foreign address are refused with what helps', async () => {
  const first = await start({})
  const port = Number(new URL(first.apiUrl).port)
  await expect(start({ port })).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is taken by another process; choose another with --port, or 0 for any free one.`,
  )
  for (const host of ['192.0.2.1', '300.1.1.1']) {
    await expect(start({ host })).rejects.toMatchObject({ code: 'CANNOT_LISTEN' })
  }
})

/** One account, with one protection. */
function fileWith(protection: string, line = ''): string {
  const table = line === '' ? `[[account.protection]]\n${protection}\n` : ''
  return `[[account]]\naddress = "${ADDRESS}"\nusd = 5\n${line}\n${table}`
}

describe('--accounts', () => {
  test('sets the protections of the file, which POST /protection reads back', async () => {
    const text = fileWith(
      'coin = "hyna:BTC"\nwindow_ms = 1000\nfrozen_ms = 0\nquantity = 0.5\ndelta = "0.25"',
    )
    const { apiUrl } = await start({ accounts: fileOf(text) })
    const answer = await fetch(`${apiUrl}/protection`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: ADDRESS, read: true }),
    })
    expect(await answer.json()).toMatchObject({
      status: 'ok',
      protections: [
        { coin: 'hyna:BTC', window: 'tumbling', windowMs: 1000, frozenMs: 0, quantity: '0.5', delta: '0.25' },
      ],
    })
  })

  test('credits each account of the file on every DEX', async () => {
    const accounts = fileOf(`[[account]]\naddress = "${ADDRESS}"\nusd = 1234.5\n`)
    const { world, spec } = await start({ accounts })
    for (const { index } of spec.dexs) {
      const state = accountState(world.exchange, ADDRESS.toLowerCase(), index)
      expect(state.whole.accountValueMicroUsd).toBe(1_234_500_000)
    }
  })

  test('what comes in stands in the ledger, so that profit is what an account has over it', async () => {
    const of = await start({ accounts: fileOf(`[[account]]\naddress = "${ADDRESS}"\nusd = 1234.5\n`) })
    const ledger = await info(of, { type: 'userNonFundingLedgerUpdates', user: ADDRESS })
    const deposit = expect.objectContaining({ delta: { type: 'deposit', usdc: '1234.5' } })
    expect(ledger).toEqual(of.spec.dexs.map(() => deposit))
    const { cumLedger } = (await info(of, { type: 'webData2', user: ADDRESS })) as { cumLedger: string }
    expect(Number(cumLedger)).toBe(1234.5 * of.spec.dexs.length)
  })

  test.each([
    ['no accounts', 'title = "x"', /there is no key title; write \[\[account\]\] tables/],
    ['an empty file', '', /holds no account/],
    ['no address', '[[account]]\nusd = 5', /account 1: address undefined must be 0x and 40/],
    ['a short address', '[[account]]\naddress = "0x12"\nusd = 5', /account 1: address "0x12" must be/],
    ['no dollars', `[[account]]\naddress = "${ADDRESS}"\nusd = 0`, /usd 0 must be a number above 0/],
    ['text for dollars', `[[account]]\naddress = "${ADDRESS}"\nusd = "5"`, /usd "5" must be a number/],
    [
      'a further key',
      `[[account]]\naddress = "${ADDRESS}"\nusd = 5\nname = "a"`,
      /account 1 has no key name/,
    ],
    ['no TOML', '[[account', /accounts\.toml:1:/],
    ['an account that is a number', 'account = [5]', /holds no account/],
    [
      'a protection of an unknown coin',
      fileWith('coin = "XYZ"\nwindow_ms = 5\nfrozen_ms = 5\nquantity = 1'),
      /account 1, protection 1: coin = "XYZ" does not do; write a coin of this venue/,
    ],
    [
      'a protection without a window, by the name of the file',
      fileWith('coin = "BTC"\nfrozen_ms = 5\nquantity = 1'),
      /protection 1: window_ms = undefined does not do; write whole milliseconds/,
    ],
    [
      'the spelling of the request',
      fileWith('coin = "BTC"\nwindowMs = 5'),
      /there is no key windowMs; write coin, window, window_ms, frozen_ms, quantity, notional, delta/,
    ],
    [
      'a protection without a limit',
      fileWith('coin = "BTC"\nwindow_ms = 5\nfrozen_ms = 5'),
      /the limits do not do/,
    ],
    [
      'one protection that is no table',
      fileWith('', 'protection = 5'),
      /must be \[\[account\.protection\]\]/,
    ],
  ])('refuses %s and names it', (_name, text, wanted) => {
    const path = fileOf(text)
    expect(() => accountsIn(path, VENUE)).toThrow(ConfigError)
    expect(() => accountsIn(path, VENUE)).toThrow(wanted)
  })
})

test('--latency-ms actions: delays requests, and feeds: the frames of subscriptions', async () => {
  const of = await start({ latency: { actionsMs: [300, 300], feedsMs: [200, 200] } })
  const askedMs = performance.now()
  await info(of, { type: 'exchangeStatus' })
  // Lower bounds only: a slow machine makes it later, never earlier.
  expect(performance.now() - askedMs).toBeGreaterThan(290)

  const socket = new WebSocket(of.wsUrl)
  const atMs = new Map<string, number>()
  const arrived = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      const { channel } = JSON.parse(data.toString()) as { channel: string }
      if (!atMs.has(channel)) atMs.set(channel, performance.now())
      if (channel === 'l2Book') resolve()
    })
  })
  await new Promise((resolve) => socket.once('open', resolve))
  const sentMs = performance.now()
  socket.send(JSON.stringify({ method: 'subscribe', subscription: { type: 'l2Book', coin: 'BTC' } }))
  await arrived
  socket.close()
  expect((atMs.get('l2Book') ?? 0) - sentMs).toBeGreaterThan(190)
})

test('a venue of the size of the public one starts and serves its meta', async () => {
  const markets = join(folder, 'large')
  writeLargeVenue(markets)
  const of = await start({ markets: ['BTC'] }, [`exchange.markets=${markets}`])
  const metas = (await info(of, { type: 'allPerpMetas' })) as { universe: unknown[] }[]
  expect(metas.map(({ universe }) => universe.length)).toEqual(LARGE_DEXS.map(([, count]) => count))
  expect(of.world.exchange.markets).toHaveLength(LARGE_MARKET_COUNT)
  expect(LARGE_MARKET_COUNT).toBeGreaterThan(200)
  const book = (await info(of, { type: 'l2Book', coin: 'BTC' })) as { levels: unknown[][] }
  expect(book.levels[0]?.length).toBeGreaterThan(0)
})
