/** Whose orders may be cancelled: a mistake here takes down a person's own orders, or leaves ours resting. */
import { describe, expect, test } from 'vitest'
import type { RawInput } from '../../src/core/input.ts'
import { makeCloid } from '../../src/core/orders/cloid.ts'
import {
  initOwnOrders,
  isOurs,
  noteInput,
  noteSent,
  OWN_ORDERS_MAX,
} from '../../src/venues/hyperliquid/own-orders.ts'

const OTHERS = '0x00000000000000000000000000000099'
const said = (cloid: string | null, oid: number | null): RawInput =>
  ({ kind: 'orderResting', cloid, oid, tsMs: 5 }) as unknown as RawInput // Only these two fields are looked at.

describe('an order is ours', () => {
  test('when its client id is one of this network’s, of whatever run', () => {
    const own = initOwnOrders()
    const cloid = makeCloid({ network: 'testnet', epoch: 1_790_000_000_000, counter: 12 })
    expect(isOurs(own, 'testnet', { oid: 7, cloid })).toBe(true)
    expect(isOurs(own, 'mainnet', { oid: 7, cloid })).toBe(false)
  })

  test('when it was sent from here, by its client id or by the number that the venue gave it', () => {
    const own = initOwnOrders()
    noteSent(own, OTHERS)
    noteInput(own, said(OTHERS, 41))
    expect(isOurs(own, 'mainnet', { oid: 3, cloid: OTHERS })).toBe(true)
    expect(isOurs(own, 'mainnet', { oid: 41, cloid: null })).toBe(true)
  })
})

describe('an order is not ours', () => {
  test.each([
    ['without a client id', { oid: 3, cloid: null }],
    ['with a client id of somebody else', { oid: 3, cloid: OTHERS }],
  ])('%s', (_, order) => {
    const own = initOwnOrders()
    noteSent(own, '0x00000000000000000000000000000098')
    expect(isOurs(own, 'mainnet', order)).toBe(false)
  })

  test('because the venue told us of it: numbers are learnt only of client ids that were sent from here', () => {
    const own = initOwnOrders()
    noteSent(own, OTHERS)
    noteInput(own, said('0x00000000000000000000000000000097', 50))
    noteInput(own, said(null, 51))
    noteInput(own, said(OTHERS, null))
    expect([50, 51].map((oid) => isOurs(own, 'mainnet', { oid, cloid: null }))).toEqual([false, false])
    expect(own.oids.size).toBe(0)
  })
})

test('of more orders than can rest, the oldest is forgotten first', () => {
  const own = initOwnOrders()
  for (let count = 0; count <= OWN_ORDERS_MAX; count += 1) {
    noteSent(own, `sent-${count}`)
    noteInput(own, said(`sent-${count}`, count))
  }
  expect([own.cloids.size, own.oids.size]).toEqual([OWN_ORDERS_MAX, OWN_ORDERS_MAX])
  expect(isOurs(own, 'mainnet', { oid: 0, cloid: 'sent-0' })).toBe(false)
  expect(isOurs(own, 'mainnet', { oid: 1, cloid: null })).toBe(true)
  expect(isOurs(own, 'mainnet', { oid: -1, cloid: `sent-${OWN_ORDERS_MAX}` })).toBe(true)
})
