import { describe, expect, test } from 'vitest'
import { floorShares, initFloorTimes, noteFloor } from '../../../strategies/ladder/floor-shares.ts'

describe('the share of time of each floor', () => {
  test('counts what bound until the next decision, and adds up to one', () => {
    const times = initFloorTimes()
    expect(floorShares(times)).toEqual({})
    noteFloor(times, 7_000, 'fee')
    noteFloor(times, 7_300, 'model')
    noteFloor(times, 8_200, 'fee')
    noteFloor(times, 8_500, 'tick')
    expect(floorShares(times)).toEqual({ model: 0.6, tick: 0, latency: 0, fee: 0.4, minimum: 0 })
  })

  test('time without a quote, and time in which nobody decided, counts for nothing', () => {
    const times = initFloorTimes()
    noteFloor(times, 7_000, 'fee')
    noteFloor(times, 8_000, null)
    noteFloor(times, 20_000, 'minimum')
    noteFloor(times, 120_000, 'fee')
    // Of the hundred seconds that nobody asked, the first five.
    expect(floorShares(times)).toMatchObject({ fee: 1 / 6, minimum: 5 / 6 })
  })
})
