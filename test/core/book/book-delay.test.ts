import { describe, expect, test } from 'vitest'
import { forgetDelays, initBookDelay, noteDelay } from '../../../src/core/book/book-delay.ts'

const START_TS_MS = 1_700_000_000_000

/** The venue's clock is 7.3 s behind ours, and a message takes 40 ms. */
function usual(minutes: number): ReturnType<typeof initBookDelay> {
  const delay = initBookDelay()
  for (let tsMs = START_TS_MS; tsMs <= START_TS_MS + minutes * 60_000; tsMs += 500) {
    expect(noteDelay(delay, { tsMs }, { venueTsMs: tsMs - 7_340 })).toBe(0)
  }
  return delay
}

describe('how much later than usual a book comes', () => {
  test('is nothing for any constant difference of the clocks', () => {
    usual(20)
  })

  test('is the time that it waited, also after a pause longer than what is remembered', () => {
    for (const pauseMs of [900, 10_000, 3_600_000]) {
      const delay = usual(3)
      const tsMs = START_TS_MS + 180_000 + pauseMs
      expect(noteDelay(delay, { tsMs }, { venueTsMs: START_TS_MS + 180_000 - 7_340 + 500 })).toBe(
        pauseMs - 500,
      )
      expect(noteDelay(delay, { tsMs }, { venueTsMs: tsMs - 7_340 })).toBe(0)
    }
  })

  test('a step of a clock is the new normal within ten minutes', () => {
    const delay = usual(3)
    const later = (minutes: number): number => {
      const tsMs = START_TS_MS + (3 + minutes) * 60_000
      return noteDelay(delay, { tsMs }, { venueTsMs: tsMs - 9_340 })
    }
    const late = Array.from({ length: 12 }, (_, minute) => later(minute))
    expect(late[0]).toBe(2_000)
    expect(late[11]).toBe(0)
    expect(late).toEqual([...late].sort((a, b) => b - a))
  })

  test('is forgotten with the connection', () => {
    const delay = usual(1)
    forgetDelays(delay)
    expect(noteDelay(delay, { tsMs: START_TS_MS + 70_000 }, { venueTsMs: START_TS_MS - 90_000 })).toBe(0)
  })
})
