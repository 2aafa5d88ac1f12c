/** `hypermake doctor` against the embedded exchange over its wire: what it finds, what it cannot look at, and its exit code. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { doctor } from '../../src/compose/doctor.ts'
import { judgeBudget } from '../../src/compose/doctor-account.ts'
import type { DoctorFinding } from '../../src/compose/doctor-finding.ts'
import { judgeClock } from '../../src/compose/doctor-venue.ts'
import { lockPath } from '../../src/compose/makers.ts'
import { makeCloid } from '../../src/core/orders/cloid.ts'
import { acquireLock } from '../../src/journal/lock.ts'
import { latchPath, writeLatch } from '../../src/runtime/latch.ts'
import { captured } from '../support/captured.ts'
import { load } from '../support/config.ts'
import { BOT, newOrder, openStage, type Stage } from '../support/venue-stage.ts'

const KEY_VARIABLE = 'HYPERMAKE_PRIVATE_KEY_FILE'
const ACCOUNT_VARIABLE = 'HYPERMAKE_ACCOUNT'

test.each([
  ['ok', 120, 20],
  ['ok', -480, 0],
  ['warning', 700, 40],
  ['warning', -999, 0],
  ['error', 1_200, 40],
  ['error', -60_000, 200],
  // Half of a slow answer's way is no proof of a wrong clock.
  ['ok', 900, 900],
])('a clock: %s at %d ms of difference and a round trip of %d ms', (severity, skewMs, tripMs) => {
  expect(judgeClock(skewMs, tripMs).severity).toBe(severity)
})

test.each([
  ['ok', 0, 10_000],
  ['ok', 7_000, 10_000],
  ['warning', 7_001, 10_000],
  ['error', 9_900, 10_000],
  ['error', 12_000, 10_000],
])('a budget: %s with %d of %d requests used', (severity, used, cap) => {
  expect(judgeBudget(used, cap, 20).severity).toBe(severity)
})

describe('against the embedded exchange', () => {
  let stage: Stage
  let root = ''

  beforeEach(async () => {
    stage = await openStage()
    root = mkdtempSync(join(tmpdir(), 'doctor-'))
    useKey('a1')
  })
  afterEach(async () => {
    delete process.env[KEY_VARIABLE]
    delete process.env[ACCOUNT_VARIABLE]
    await stage.close()
    rmSync(root, { recursive: true, force: true })
  })

  function useKey(byte: string): void {
    writeFileSync(join(root, 'key'), `0x${byte.repeat(32)}\n`, { mode: 0o600 })
    process.env[KEY_VARIABLE] = join(root, 'key')
  }

  async function examine(
    ...set: string[]
  ): Promise<{ readonly code: number; readonly of: (check: string) => DoctorFinding[] }> {
    const assignments = [
      'market.dex=hyna',
      'market.asset=ETH',
      'quoting.target_liquidity=4',
      'risk.max_position=8',
      `venue.api_url=${stage.proxy.apiUrl}`,
      `journal.dir=${join(root, 'journal')}`,
      ...set,
    ]
    const { code, out } = await captured(() => doctor({ config: load({ assignments }), json: true }))
    const { isReady, findings } = JSON.parse(out) as { isReady: boolean; findings: DoctorFinding[] }
    expect(code).toBe(isReady ? 0 : 3)
    // Whatever is not in order comes with what to do about it.
    for (const each of findings) expect(each.fix === null, JSON.stringify(each)).toBe(each.severity === 'ok')
    return { code, of: (check) => findings.filter((each) => each.check === check) }
  }

  const severities = (findings: readonly DoctorFinding[]): string[] =>
    findings.map(({ severity }) => severity)

  test('an account in order on a market that trades is ready', async () => {
    await stage.order(BOT.address, { side: 'buy', priceTicks: 299_500, sizeLots: 500 })
    await stage.order(BOT.address, { side: 'sell', priceTicks: 300_500, sizeLots: 500 })
    const { code, of } = await examine()
    expect(code).toBe(0)
    for (const check of [
      'key',
      'journal',
      'latch',
      'lock',
      'market',
      'book',
      'clock',
      'sizes',
      'margin',
      'limits',
      'budget',
    ]) {
      expect(severities(of(check)), check).toEqual(['ok'])
    }
    expect(of('sizes')[0]?.what).toContain('10 of 10 levels')
    // Orders of a person are shown and no reason to refuse.
    expect(of('orders')).toMatchObject([
      { severity: 'warning', what: /2 orders that hypermake did not place/ },
    ])
  })

  test('what earlier runs left is named: latch, a dead lock, an epoch ahead of the clock, orders', async () => {
    const dir = join(root, 'journal')
    mkdirSync(dir)
    writeLatch(latchPath({ root: dir, network: 'local', coin: 'hyna:ETH' }), { because: 'it lost', tsMs: 1 })
    writeFileSync(join(dir, `epoch-${Date.now() + 3_600_000}`), '')
    const beat = { epoch: 77, count: 5, pid: 1, state: 'running' }
    writeFileSync(join(dir, 'heartbeat-local-hyna-ETH.json'), JSON.stringify(beat))
    const player = await stage.play()
    const cloid = makeCloid({ network: 'local', epoch: 77, counter: 3 })
    player.send({ kind: 'place', order: newOrder({ cloid }) })
    const { oid } = await player.awaitInput('orderResting', (input) => input.cloid === cloid)
    await player.venue.close()

    const { code, of } = await examine()
    expect(code).toBe(3)
    expect(of('latch')).toMatchObject([{ severity: 'error', what: /it lost/, fix: /kill --reset/ }])
    expect(of('epoch')).toMatchObject([{ severity: 'warning', what: /36\d\d s ahead/ }])
    expect(of('last run')).toMatchObject([{ severity: 'warning', what: /epoch 77, process 1/ }])
    const what = expect.stringContaining(`1 orders of an earlier run (epoch 77) rest: oid ${oid}`) as string
    expect(of('orders')).toMatchObject([{ severity: 'warning', what }])
  })

  test('the orders of a maker that runs are its own, and a second one is warned of', async () => {
    mkdirSync(join(root, 'journal'))
    const { values } = load({
      assignments: [`venue.api_url=${stage.proxy.apiUrl}`, `journal.dir=${join(root, 'journal')}`],
    })
    acquireLock(lockPath(values, { account: BOT.address, coin: 'hyna:ETH' }, 5), 5)
    const { of } = await examine()
    expect(of('lock')).toMatchObject([{ severity: 'warning', what: /epoch 5/ }])
    expect(severities(of('orders'))).toEqual(['ok'])
  })

  test('limits that do not fit the money, and levels below the minimum, are refused with the numbers', async () => {
    await stage.order(BOT.address, { side: 'buy', priceTicks: 299_500, sizeLots: 500 })
    await stage.order(BOT.address, { side: 'sell', priceTicks: 300_500, sizeLots: 500 })
    const { code, of } = await examine(
      'risk.max_daily_loss_usd=30000',
      'risk.max_position=600',
      'quoting.target_liquidity=0.01',
    )
    expect(code).toBe(3)
    expect(of('limits')).toMatchObject([
      { severity: 'error', what: /a daily loss of 30000.00 USD is 30 % of the 100000.00 USD/ },
      { severity: 'warning', what: /18.0 times the equity/ },
    ])
    expect(severities(of('sizes'))).toEqual(['warning'])
  })

  test('a key that may not trade for the account, or an account without money, stands against trading', async () => {
    useKey('c3') // Of nobody whom the exchange knows.
    expect((await examine()).of('margin')).toMatchObject([{ severity: 'error', what: /0.00 USDE/ }])
    process.env[ACCOUNT_VARIABLE] = BOT.address
    const { code, of } = await examine()
    expect(code).toBe(3)
    const what = expect.stringContaining(`may not trade for ${BOT.address.toLowerCase()}`) as string
    expect(of('key')).toMatchObject([{ severity: 'error', what }])
    expect(of('margin')).toMatchObject([{ severity: 'ok' }])
  })

  test('without a key it says what it could not look at, and looks at the rest', async () => {
    delete process.env[KEY_VARIABLE]
    const { code, of } = await examine('venue.network=testnet')
    expect(code).toBe(0)
    expect(of('key')).toMatchObject([{ severity: 'skipped', what: /neither a key nor an account/ }])
    expect(of('clock')).toMatchObject([{ severity: 'ok' }])
    expect(of('margin')).toEqual([])
    process.env[ACCOUNT_VARIABLE] = BOT.address
    const named = await examine('venue.network=testnet')
    expect(named.of('key')).toMatchObject([{ severity: 'skipped', what: /its role was not checked/ }])
    expect(named.of('margin')).toMatchObject([{ severity: 'ok' }])
  })

  test('an exchange that does not answer is an error, not a silence', async () => {
    stage.proxy.onRequest = () => 'loseRequest'
    const { code, of } = await examine()
    expect(code).toBe(3)
    expect(of('venue')).toMatchObject([{ severity: 'error', what: /UNREACHABLE/ }])
  })
})
