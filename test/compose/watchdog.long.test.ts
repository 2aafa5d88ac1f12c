/** The watchdog as a process, beside an exchange and a maker that are processes as well, when the maker is killed. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TEST_PRIVATE_KEY } from '../../src/compose/test-account.ts'
import { gridOf } from '../../src/core/units.ts'
import { walletOf } from '../../src/signing/wallet.ts'
import { type Hex, openInfo } from '../../src/venues/hyperliquid/info.ts'
import { readOpenOrders } from '../../src/venues/hyperliquid/reconcile.ts'
import { start } from '../support/processes.ts'

test('kill -9 of the maker: the watchdog takes its orders off the exchange', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'watchdog-story-'))
  const exchange = start(
    'exchange',
    '--port',
    '0',
    '--json',
    '--set',
    'market.asset=BTC',
    '--set',
    'market.dex=',
  )
  const programs = [exchange]
  try {
    const { apiUrl } = (await exchange.line('start')) as { apiUrl: string }
    const common = ['--asset', 'BTC', '--api-url', apiUrl, '--set', `journal.dir=${folder}`, '--json']
    const submit = ['--set', 'venue.submit_expiry_ms=1000']
    const maker = start(
      'run',
      ...common,
      ...submit,
      '--metrics-port',
      '0',
      '--set',
      'risk.min_spread_floor_bps=8',
    )
    const dog = start('watchdog', ...common, ...submit, '--grace', '3s', '--once')
    programs.push(maker, dog)
    const account = walletOf(TEST_PRIVATE_KEY).address as Hex
    const info = openInfo({ apiUrl, isTestnet: true })
    const scope = { account, dex: '', coin: 'BTC', grid: gridOf(5) }
    const resting = async (): Promise<number> => (await readOpenOrders(info, scope)).length
    await dog.line('watching')
    const limitMs = performance.now() + 30_000
    while ((await resting()) === 0 && performance.now() < limitMs) await maker.line('status')
    expect(await resting()).toBeGreaterThan(0)
    maker.child.kill('SIGKILL')
    expect(await dog.ended, dog.stderr()).toBe(0)
    expect(await dog.line('cancelled')).toMatchObject({ restingCount: 0 })
    expect(await resting()).toBe(0)
  } finally {
    for (const { child } of programs) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}, 120_000)
