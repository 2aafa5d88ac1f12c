/** A process that got no processor for a while wakes up to a socket full of the past. The shipped maker in virtual time. */
import { describe, expect, test } from 'vitest'
import { runUntil } from '../../src/simulation/world.ts'
import { stageOf } from '../support/closed-world.ts'

const PAUSE_MS = 10_000

describe('a process that was stopped and continued', () => {
  test.each([
    ['calm', 1],
    ['trend', 2],
    ['sweep', 3],
  ])(
    'fault 35: after ten seconds without the processor nothing is priced from what waited in the socket (%s)',
    (scenario, seed) => {
      const stage = stageOf({ seed, scenario })
      stage.run(20)
      const { world, engine } = stage
      const { maxBookAgeMs } = engine.parts.settings
      runUntil(world, world.nowTsMs + PAUSE_MS)
      let [newestBookTsMs, orderCount, oldest] = [0, 0, 0]
      const wokenTsMs = world.nowTsMs
      stage.run(10, (input, commands) => {
        if (input.kind === 'book' || input.kind === 'touch') newestBookTsMs = input.venueTsMs
        for (const command of commands) {
          if (!('order' in command)) continue
          orderCount += 1
          oldest = Math.max(oldest, input.tsMs - newestBookTsMs)
        }
      })
      expect(world.nowTsMs).toBeGreaterThan(wokenTsMs)
      expect(orderCount).toBeGreaterThan(0)
      expect(oldest).toBeLessThan(maxBookAgeMs)
      expect(stage.truth().positionLots).toBe(engine.state.ledger.positionLots)
    },
  )
})
