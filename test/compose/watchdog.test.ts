/** The watchdog against the embedded exchange over its wire, with a key of its own. With real processes: watchdog.long.test.ts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExchangeClient } from '@nktkas/hyperliquid'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { watchdog } from '../../src/compose/watchdog.ts'
import type { WatchdogOptions } from '../../src/config/options.ts'
import { makeCloid } from '../../src/core/orders/cloid.ts'
import { openOrders } from '../../src/exchange/queries/orders.ts'
import { heartbeatPath } from '../../src/runtime/heartbeat.ts'
import { captured } from '../support/captured.ts'
import { load } from '../support/config.ts'
import { BOT, newOrder, openStage, POOR, type Stage, until } from '../support/venue-stage.ts'
import { openInfo } from '../../src/venues/hyperliquid/info.ts'

let stage: Stage
let root = ''
let heartbeat = ''
const ACCOUNT_VARIABLE = 'HYPERMAKE_ACCOUNT'

beforeEach(async () => {
  stage = await openStage()
  root = mkdtempSync(join(tmpdir(), 'watchdog-'))
  heartbeat = heartbeatPath({ root, network: 'local', coin: 'hyna:ETH' })
  writeFileSync(join(root, 'key'), `0x${'c3'.repeat(32)}`, { mode: 0o600 })
  process.env[ACCOUNT_VARIABLE] = BOT.address
})
afterEach(async () => {
  delete process.env[ACCOUNT_VARIABLE]
  await stage.close()
  rmSync(root, { recursive: true, force: true })
})

function optionsOf(of: Partial<WatchdogOptions> = {}): WatchdogOptions {
  const config = load({
    assignments: [
      'market.dex=hyna',
      'market.asset=ETH',
      `venue.api_url=${stage.proxy.apiUrl}`,
      'venue.submit_expiry_ms=1000',
      `journal.dir=${root}`,
      'log.level=silent',
    ],
  })
  const keyFile = join(root, 'key')
  return { config, graceMs: 600, keyFile, healthUrl: null, once: true, others: false, json: true, ...of }
}

function beat(count: number): void {
  writeFileSync(heartbeat, JSON.stringify({ epoch: 77, count, pid: 4_242, state: 'running' }))
}

function restingCount(): number {
  return openOrders(stage.world.exchange, BOT.address).length
}

describe('hypermake watchdog', () => {
  test('refuses a key that the account has not approved', async () => {
    await expect(watchdog(optionsOf())).rejects.toMatchObject({ code: 'REFUSED' })
    await expect(watchdog(optionsOf({ config: load({ assignments: [] }) }))).rejects.toThrow(/--api-url/)
  })

  test('leaves orders alone while the heartbeat is fresh, and cancels ours with its own key when it stops', async () => {
    const owner = new ExchangeClient({
      transport: openInfo({ apiUrl: stage.server.url, isTestnet: true }).transport,
      wallet: BOT,
    })
    await owner.approveAgent({ agentAddress: POOR.address, agentName: 'watchdog' })
    const player = await stage.play()
    const cloid = makeCloid({ network: 'local', epoch: 77, counter: 3 })
    player.send({ kind: 'place', order: newOrder({ cloid }) })
    await player.awaitInput('orderResting')
    await stage.order(BOT.address, { side: 'buy', priceTicks: 290_000, sizeLots: 500 })
    let count = 0
    const heart = setInterval(() => beat((count += 1)), 50)
    const cancels: number[] = []
    stage.proxy.onRequest = (_, body) => {
      if (body.includes('"cancels"')) cancels.push(count)
      return 'pass'
    }
    const watching = captured(() => watchdog(optionsOf()))
    try {
      // Three times the grace, in beats.
      await until(() => count > 36, 'beats')
      expect([restingCount(), cancels]).toEqual([2, []])
    } finally {
      clearInterval(heart)
    }
    const { code, out } = await watching
    expect(code, out).toBe(0)
    // The order of a person stays.
    expect(restingCount()).toBe(1)
    expect(cancels.every((at) => at === count)).toBe(true)
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.at(-1)).toMatchObject({ kind: 'cancelled', foundCount: 1, restingCount: 0 })
  })
})
