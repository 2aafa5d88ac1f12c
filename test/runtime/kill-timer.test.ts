import { describe, expect, test } from 'vitest'
import { createKillTimer } from '../../src/runtime/kill-timer.ts'

describe('the time that the kill switch takes', () => {
  test('runs from the first trigger to the last cancel', () => {
    const timer = createKillTimer()
    timer.cancelSent(70)
    expect([timer.tookMs, timer.isTriggered]).toEqual([null, false])
    timer.trigger(100)
    expect([timer.tookMs, timer.isTriggered]).toEqual([null, true])
    timer.trigger(140)
    timer.cancelSent(103)
    timer.cancelSent(117)
    expect(timer.tookMs).toBe(17)
  })
})
