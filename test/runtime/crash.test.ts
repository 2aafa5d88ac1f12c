import { describe, expect, test } from 'vitest'
import { crashStory } from '../support/crash-story.ts'
import { expectNothingLost } from '../support/crash-laws.ts'

describe('kill -9', () => {
  test('makers killed at two instants: the next one leaves no order behind and knows every fill', async () => {
    const report = await crashStory({ seed: 3, crashes: 2, spanMs: 3_000 })
    expectNothingLost(report)
    expect(report.venueFills.size).toBeGreaterThan(0)
  }, 120_000)
})
