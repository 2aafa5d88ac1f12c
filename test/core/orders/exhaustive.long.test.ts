import { expect, test } from 'vitest'
import { tryEverything } from '../../support/one-order.ts'

test('one order with the order stream and questions at any moment, every path of ten events', () => {
  const survey = tryEverything({ hasStream: true, hasQueries: true, isTaker: false }, 10)
  expect(survey.stateCount).toBeGreaterThan(5_000)
})

test('one order without the stream, every path of twelve events', () => {
  const survey = tryEverything({ hasStream: false, hasQueries: true, isTaker: false }, 12)
  expect(survey.stateCount).toBeGreaterThan(1_000)
})
