/** `hypermake kill` against the embedded exchange over its wire: orders gone, latch set, and only a reset with a reason frees it. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { kill } from '../../src/compose/kill.ts'
import type { KillOptions } from '../../src/config/options.ts'
import { makeCloid } from '../../src/core/orders/cloid.ts'
import { acquireLock, releaseLock } from '../../src/journal/lock.ts'
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
  const options = {
    config,
    action: 'kill',
    reason: 'a test',
    others: false,
    paperOnly: false,
    json: true,
    ...of,
  } as const
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

  describe('on a real network', () => {
    const assignments = (): string[] => [
      ...['market.dex=hyna', 'market.asset=ETH', 'venue.network=testnet', 'log.level=silent'],
      ...[`venue.api_url=${stage.proxy.apiUrl}`, `journal.dir=${root}`],
    ]
    const paperLatch = (): string =>
      latchPath({ root: join(root, 'paper'), network: 'testnet', coin: 'hyna:ETH' })
    const realLatch = (): string => latchPath({ root, network: 'testnet', coin: 'hyna:ETH' })
    const killOf = (of: Partial<KillOptions>): ReturnType<typeof captured> =>
      run({ config: load({ assignments: assignments() }), ...of })

    /** A paper run of this market, which ends as soon as it sees its switch. */
    function paperRun(): { readonly ended: () => boolean; readonly stop: () => void } {
      const { values } = load({ assignments: assignments() })
      const folder = { ...values, journal: { ...values.journal, dir: join(root, 'paper') } }
      mkdirSync(folder.journal.dir, { recursive: true })
      const lock = acquireLock(lockPath(folder, { account: `0x${'0'.repeat(40)}`, coin: 'hyna:ETH' }, 78), 78)
      let isEnded = false
      const timer = setInterval(() => {
        if (readLatch(paperLatch()) === null) return
        clearInterval(timer)
        releaseLock(lock)
        isEnded = true
      }, 5)
      return { ended: () => isEnded, stop: () => clearInterval(timer) }
    }

    test('reaches the paper runs of the market as well, and waits for their end', async () => {
      const paper = paperRun()
      try {
        const killed = await killOf({})
        expect(killed.code, killed.out).toBe(0)
        expect(JSON.parse(killed.out)).toMatchObject({ paper: true, makers: [], restingCount: 0 })
        expect(paper.ended()).toBe(true)
        expect(readLatch(realLatch())?.because).toBe('hypermake kill: a test')
        expect(readLatch(paperLatch())?.because).toBe('hypermake kill: a test')
        const status = await killOf({ action: 'status' })
        expect([status.code, JSON.parse(status.out)]).toMatchObject([
          4,
          { isSet: true, paper: { isSet: true } },
        ])
      } finally {
        paper.stop()
      }
    })

    test('leaves the paper switch alone when nothing runs on paper', async () => {
      expect((await killOf({})).code).toBe(0)
      expect(readLatch(paperLatch())).toBeNull()
    })

    test('with --paper it stops those alone, needs no key, and is taken back with --paper', async () => {
      delete process.env[KEY_VARIABLE]
      const paper = paperRun()
      try {
        const killed = await killOf({ paperOnly: true })
        expect([killed.code, paper.ended()]).toEqual([0, true])
        expect(readLatch(realLatch())).toBeNull()
        const text = await killOf({ action: 'status', paperOnly: true, json: false })
        expect(text).toMatchObject({
          code: 4,
          out: expect.stringMatching(/of hyna:ETH on paper is SET.*--reset --paper/s) as string,
        })
        expect((await killOf({ action: 'status' })).code).toBe(0)
        expect((await killOf({ action: 'reset', paperOnly: true, reason: 'looked' })).code).toBe(0)
        expect(readLatch(paperLatch())).toBeNull()
        expect(readReset(paperLatch())?.because).toMatch(/^looked/)
      } finally {
        paper.stop()
      }
    })

    test('without a key the paper run is stopped, and it is said that nothing was cancelled', async () => {
      delete process.env[KEY_VARIABLE]
      const paper = paperRun()
      try {
        const killed = await killOf({ json: false })
        expect([killed.code, paper.ended()]).toEqual([1, true])
        expect(killed.out).toMatch(/NOTHING WAS CANCELLED at the exchange: no key.*hypermake kill --paper/)
      } finally {
        paper.stop()
      }
    })
  })

  test('on the embedded exchange there is no paper trading to stop', async () => {
    await expect(run({ paperOnly: true })).rejects.toMatchObject({ code: 'BAD_VALUE' })
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
