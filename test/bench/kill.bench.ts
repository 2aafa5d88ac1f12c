/**
 * The kill switch: from the operator's word to the last cancel handed to the network, with 20 orders resting, by the whole maker
 * (engine, journal and latch synced to the disk, outbox, signing, adapter) against the embedded exchange on loopback.
 *
 *     npm run bench -- kill [--quick]
 *
 * Exchange and maker share this process, so that the exchange's work counts against the maker. Each trial has a latch of its own,
 * because a run has one. The goal is a p99 of at most 20 ms over 200 trials.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isActive } from '../../src/core/orders/order-state.ts'
import { createKillTimer, type KillTimer } from '../../src/runtime/kill-timer.ts'
import { clearLatch, latchPath, readLatch } from '../../src/runtime/latch.ts'
import { openLatch } from '../../src/runtime/latch-keeper.ts'
import { openMakerStage, type Maker } from '../support/maker-stage.ts'
import { type Bench, quantile, say } from './harness.ts'

const GOAL_P99_MS = 20
const LEVELS = 10
const TRIALS = 200
const TRIALS_QUICK = 30
const WARMUP_TRIALS = 5

const SETTINGS = [
  `quoting.ladder.levels=${LEVELS}`,
  'risk.min_spread_floor_bps=60',
  'quoting.ladder.max_depth_bps=120',
  'execution.max_orders_per_sec=1000',
]

export interface KillBench {
  readonly tookMs: readonly number[]
  readonly ordersPerTrial: number
}

export async function measureKill(trialCount: number): Promise<KillBench> {
  const stage = await openMakerStage()
  const root = mkdtempSync(join(tmpdir(), 'kill-bench-'))
  const path = latchPath({ root, network: 'local', coin: 'hyna:ETH' })
  let timer: KillTimer = createKillTimer()
  let latch = openLatch(path)
  try {
    const maker = await stage.makerOf({
      set: SETTINGS,
      sync: 'group',
      latch: { keep: (record) => latch.keep(record) },
      venue: {
        onSent: (type) => {
          if (type.startsWith('cancel')) timer.cancelSent(performance.now())
        },
      },
    })
    const tookMs: number[] = []
    for (let trial = -WARMUP_TRIALS; trial < trialCount; trial += 1) {
      await maker.until(() => activeCount(maker) === 2 * LEVELS, `${2 * LEVELS} resting orders`)
      timer = createKillTimer()
      timer.trigger(performance.now())
      maker.say('kill', 'a trial')
      await maker.until(() => stage.truth().orders.length === 0, 'an empty book')
      if (timer.tookMs !== null && trial >= 0) tookMs.push(timer.tookMs)
      if (readLatch(path)?.because !== 'a trial') throw new Error('the kill switch is not on disk')
      await latch.close()
      clearLatch(path)
      latch = openLatch(path)
      maker.say('resetKill')
    }
    return { tookMs, ordersPerTrial: 2 * LEVELS }
  } finally {
    await stage.close()
    await latch.close()
    rmSync(root, { recursive: true, force: true })
  }
}

function activeCount(maker: Maker): number {
  return [...maker.engine.state.tracker.live.values()].filter((order) => isActive(order.state)).length
}

export function formatKillBench({ tookMs, ordersPerTrial }: KillBench): string {
  const sorted = [...tookMs].sort((a, b) => a - b)
  const at = (share: number): string => quantile(sorted, share).toFixed(2)
  const verdict = quantile(sorted, 0.99) <= GOAL_P99_MS ? 'reached' : 'NOT reached'
  return [
    `  ${sorted.length} trials with ${ordersPerTrial} orders resting`,
    `  trigger to last cancel sent   p50 ${at(0.5)} ms   p99 ${at(0.99)} ms   max ${at(1)} ms`,
    `  goal: p99 at most ${GOAL_P99_MS} ms: ${verdict}`,
  ].join('\n')
}

export const bench: Bench = {
  about: 'the kill switch to the last cancel sent, with 20 orders resting on loopback',
  async run() {
    say(formatKillBench(await measureKill(process.argv.includes('--quick') ? TRIALS_QUICK : TRIALS)))
  },
}
