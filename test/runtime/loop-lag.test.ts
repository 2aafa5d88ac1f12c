/** A stall of the event loop is told whichever of the overdue timers comes first when it goes on. */
import { expect, test } from 'vitest'
import { watchLoopLag } from '../../src/runtime/loop-lag.ts'

const STALL_MS = 1_300
const SAMPLES_MAX = 3

test('a stall that lasts past a sample is told by it or by the next', async () => {
  const samples: number[] = []
  await new Promise<void>((resolve) => {
    const watch = watchLoopLag((lagMs) => {
      samples.push(lagMs)
      if (lagMs < STALL_MS / 2 && samples.length < SAMPLES_MAX) return
      watch.stop()
      resolve()
    })
    // Right at the beginning, when nothing was looked at yet.
    setTimeout(() => {
      const untilMs = performance.now() + STALL_MS
      while (performance.now() < untilMs);
    }, 5)
  })
  expect(Math.max(...samples)).toBeGreaterThan(STALL_MS * 0.8)
})
