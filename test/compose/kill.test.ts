/** `hypermake kill` against the embedded exchange over its wire: orders gone, latch set, and only a reset with a reason frees it. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { kill } from '../../src/compose/kill.ts'
import type { KillOptions } from '../../src/config/options.ts'
import { makeCloid } from '../../src/core/orders/cloid.ts'
import { acquireLock } from '../../src/journal/lock.ts'
import { lockPath } from '../../src/compose/makers.ts'
import { latchPath, readLatch, readReset } from '../../src/runtime/latch.ts'
import { captured } from '../support/captured.ts'
import { load } from '../support/config.ts'
import { BOT, newOrder, openStage, type Stage } from '../support/venue-stage.ts'

let stage: Stage
let root = ''
let latch = ''
const KEY_VARIABLE = 'HYPERMAKE_PRIVATE_KEY_FILE'

beforeEach(async () => {
  stage = await openStage()
  root = mkdtempSync(join(tmpdir(), 'kill-'))
  latch = latchPath({ root, network: 'local', coin: 'hyna:ETH' })
  writeFileSync(join(root, 'key'), `0x${'a1'.repeat(32)}\n`, { mode: 0o600 })
  process.env[KEY_VARIABLE] = join(root, 'key')
})
afterEach(async () => {
  delete process.env[KEY_VARIABLE]
  await stage.close()
  rmSync(root, { recursive: true, force: true })
})

function run(of: Partial<KillOptions> = {}): ReturnType<typeof captured> {
  const config = load({
    assignments: [
      'market.dex=hyna',
      'market.asset=ETH',
      `venue.api_url=${stage.proxy.apiUrl}`,
      `journal.dir=${root}`,
      'log.level=silent',
    ],
  })
  const options = { config, action: 'kill', reason: 'a test', others: false, json: true, ...of } as const
  return captured(() => kill(options))
}

/** Two orders with client ids of an earlier run, and one of a person. */
async function restThree(): Promise<void> {
  const player = await stage.play()
  for (const counter of [3, 4]) {
    const cloid = makeCloid({ network: 'local', epoch: 77, counter })
    player.send({ kind: 'place', order: newOrder({ cloid, priceTicks: 299_000 - counter * 100 }) })
    await player.awaitInput('orderResting', (input) => input.cloid === cloid)
  }
  await stage.order(BOT.address, { side: 'buy', priceTicks: 290_000, sizeLots: 500 })
  await player.venue.close()
}

describe('hypermake kill', () => {
  test('cancels what hypermake placed, leaves what a person placed, and holds until it is reset with a reason', async () => {
    await restThree()
    const killed = await run()
    expect(killed.code, killed.out).toBe(0)
    expect(JSON.parse(killed.out)).toMatchObject({
      foundCount: 2,
      restingCount: 0,
      wasSet: false,
      makers: [],
    })
    expect(readLatch(latch)?.because).toBe('hypermake kill: a test')

    const others = await run({ others: true, reason: 'the rest' })
    expect(JSON.parse(others.out)).toMatchObject({ foundCount: 1, restingCount: 0, wasSet: true })
    // The first reason stays.
    expect(readLatch(latch)?.because).toBe('hypermake kill: a test')

    const status = await run({ action: 'status' })
    expect([status.code, JSON.parse(status.out)]).toMatchObject([
      4,
      { isSet: true, because: 'hypermake kill: a test' },
    ])
    expect((await run({ action: 'reset', reason: null })).code).toBe(3)
    expect(existsSync(latch)).toBe(true)
    expect((await run({ action: 'reset', reason: 'looked into it' })).code).toBe(0)
    expect(existsSync(latch)).toBe(false)
    expect(readReset(latch)?.because).toBe('looked into it (the kill switch was set: hypermake kill: a test)')
    expect((await run({ action: 'status' })).code).toBe(0)
  })

  test('the latch is set before the exchange is asked anything, and stays when it does not answer', async () => {
    let isSetAtRequest: boolean | null = null
    stage.proxy.onRequest = () => {
      isSetAtRequest ??= existsSync(latch)
      return 'loseRequest'
    }
    await expect(run()).rejects.toMatchObject({ code: 'UNREACHABLE' })
    expect(isSetAtRequest).toBe(true)
    expect(readLatch(latch)?.because).toBe('hypermake kill: a test')
  })

  test('a reset is refused while a maker of this market runs', async () => {
    await run()
    const { values } = load({ assignments: [`venue.api_url=${stage.proxy.apiUrl}`, `journal.dir=${root}`] })
    acquireLock(lockPath(values, { account: BOT.address, coin: 'hyna:ETH' }, 77), 77)
    const refused = await run({ action: 'reset', reason: 'in a hurry' })
    expect(refused.code).toBe(3)
    expect(refused.out).toMatch(/process \d+ on/)
    expect(existsSync(latch)).toBe(true)
  })
})
