import { describe, expect, test } from 'vitest'
import { tryEverything } from '../../support/one-order.ts'

/**
 * Every order of sending, accepting, rejecting, filling, cancelling, acknowledging, losing and repeating, up to eight events
 * after the order was sent, under the invariants I4, I6, I7 and I10 (test/support/one-order.ts). With the order stream and
 * questions at any moment six events here; ten and more are in exhaustive.long.test.ts.
 */
const EVENTS = 8

describe('one order, every order of messages', () => {
  test('answers and fills: counted once, never over the size, ended stays ended, and reconciled to the truth', () => {
    const survey = tryEverything({ hasStream: false, hasQueries: false, isTaker: false }, EVENTS)
    expect(survey.stateCount).toBeGreaterThan(500)
    expect([...survey.endStates].sort()).toEqual([
      'cancelled',
      'expired',
      'filled',
      'filledDuringCancel',
      'filledImmediately',
      'partialFilled',
      'rejected',
      'resting',
    ])
  })

  test('the same for an order that takes at once, whose answer announces its fills', () => {
    const survey = tryEverything({ hasStream: true, hasQueries: true, isTaker: true }, EVENTS)
    expect(survey.stateCount).toBeGreaterThan(100)
  })

  test('the same with the order stream, and questions at any moment', () => {
    const survey = tryEverything({ hasStream: true, hasQueries: true, isTaker: false }, 6)
    expect(survey.stateCount).toBeGreaterThan(1_000)
  })
})
