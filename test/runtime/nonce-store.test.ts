/** Nonces over restarts: above every one ever used, whatever the clock does, and taken by the exchange. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { NONCE_BLOCK, nonceStorePath, openNonceStore } from '../../src/runtime/nonce-store.ts'
import type { NonceStore } from '../../src/runtime/nonce-store.ts'
import { newOrder, openStage } from '../support/venue-stage.ts'

let root = ''
let path = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nonces-'))
  path = nonceStorePath({ root, signer: '0xabc' })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const open = (): NonceStore =>
  openNonceStore(path, (error) => {
    throw error
  })
const markOf = (): number => (JSON.parse(readFileSync(path, 'utf8')) as { mark: number }).mark

test('nonces rise over any restarts and jumps of the clock, and the mark on disk is never below one that was given out', async () => {
  /** Each: how far the clock jumps, ms; whether the process is a new one; how many nonces are taken. */
  const life = fc.array(
    fc.tuple(fc.integer({ min: -7_200_000, max: 60_000 }), fc.boolean(), fc.integer({ min: 1, max: 30 })),
    { minLength: 1, maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(life, async (steps) => {
      rmSync(path, { force: true })
      let nowMs = 1_700_000_000_000
      let store = open()
      let last = 0
      for (const [jumpMs, isRestart, count] of steps) {
        nowMs += jumpMs
        if (isRestart) {
          await store.settled()
          store = open()
        }
        for (let index = 0; index < count; index += 1) {
          const nonce = store.next(nowMs)
          expect(nonce).toBeGreaterThan(last)
          expect(nonce).toBeLessThanOrEqual(markOf())
          last = nonce
          nowMs += 400
          if (index % 7 === 0) await store.settled()
        }
      }
      await store.settled()
    }),
    { numRuns: 40 },
  )
})

test('two processes of one key never give out the same nonce, and the clock catches up with both', async () => {
  const [maker, kill] = [open(), open()]
  const used = new Set<number>()
  let nowMs = 1_700_000_000_000
  for (let index = 0; index < 400; index += 1) {
    for (const store of index % 3 === 0 ? [kill, maker] : [maker]) {
      const nonce = store.next(nowMs)
      expect(used.has(nonce)).toBe(false)
      used.add(nonce)
      // Two blocks of each at most ahead of the clock.
      expect(nonce - nowMs).toBeLessThan(4 * NONCE_BLOCK)
    }
    await maker.settled()
    await kill.settled()
    nowMs += 150
  }
})

test('a damaged mark is as good as none, and a mark that cannot be written gives no nonce', () => {
  writeFileSync(path, '{"mark": "soon"}')
  expect(open().next(5_000_000)).toBe(5_000_000)
  const lost = openNonceStore(join(root, 'file', 'nonce.json'), () => undefined)
  writeFileSync(join(root, 'file'), '')
  expect(() => lost.next(1)).toThrow()
})

test('with the clock set back by an hour at the restart, the exchange takes what is sent', async () => {
  const stage = await openStage()
  try {
    const first = await stage.play({ nonces: open() })
    const before = newOrder()
    first.send({ kind: 'place', order: before })
    const { oid } = await first.awaitInput('orderResting', (input) => input.cloid === before.cloid)
    await first.venue.close()
    const markBefore = markOf()

    const HOUR_MS = 3_600_000
    const store = open()
    const nonces: number[] = []
    const second = await stage.play({
      nowMs: () => Date.now() - HOUR_MS,
      // Expiries come from the clock as well; this one reaches over the hour.
      submitExpiryMs: HOUR_MS + 60_000,
      nonces: {
        next: (nowMs) => {
          nonces.push(store.next(nowMs))
          return nonces.at(-1) ?? 0
        },
      },
    })
    const after = newOrder()
    second.send({ kind: 'cancel', cloid: before.cloid, oid }, { kind: 'place', order: after })
    await second.awaitInput('cancelDone', (input) => input.cloid === before.cloid)
    await second.awaitInput('orderResting', (input) => input.cloid === after.cloid)
    expect(nonces.length).toBeGreaterThan(0)
    for (const nonce of nonces) expect(nonce).toBeGreaterThan(markBefore)
  } finally {
    await stage.close()
  }
})
