import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Command, NewOrder } from '../../../src/core/command.ts'
import { approve } from '../../../src/core/risk/gate.ts'
import type { GateFacts, GateReason } from '../../../src/core/risk/gate.ts'
import { calmGate, settings } from '../../support/core-facts.ts'

const bid: NewOrder = {
  cloid: '0x686d0100000000000000000000000007',
  side: 'buy',
  priceTicks: 599_800,
  sizeLots: 5_000,
  tif: 'alo',
  reduceOnly: false,
}

function reasonsOf(order: Partial<NewOrder>, facts: Partial<GateFacts> = {}): readonly GateReason[] {
  const result = approve({ kind: 'place', order: { ...bid, ...order } }, { ...calmGate, ...facts }, settings)
  return result.verdict === 'approved' ? [] : result.reasons
}

describe('the send gate', () => {
  test.each<[string, Partial<NewOrder>, Partial<GateFacts>, readonly GateReason[]]>([
    ['a sound order passes', {}, {}, []],
    ['nothing passes before the venue is reconciled', {}, { isReady: false }, ['notReady']],
    ['nothing passes without a mid', {}, { midTicks: null }, ['notReady']],
    ['the kill switch stops orders', {}, { isKilled: true }, ['killed']],
    ['…but lets the position be reduced', { reduceOnly: true }, { isKilled: true, positionLots: -9_000 }, []],
    ['a price with six figures', { priceTicks: 599_801 }, {}, ['invalidPrice']],
    ['a price of part of a tick', { priceTicks: 599_800.5 }, {}, ['invalidPrice']],
    ['a size of part of a lot', { sizeLots: 5_000.5 }, {}, ['invalidSize']],
    ['less than ten dollars', { sizeLots: 16 }, {}, ['belowMinimum']],
    [
      '…unless it closes the position',
      { side: 'sell', priceTicks: 600_100, sizeLots: 16 },
      { positionLots: 16 },
      [],
    ],
    [
      '…but not a part of it',
      { side: 'sell', priceTicks: 600_100, sizeLots: 16 },
      { positionLots: 17 },
      ['belowMinimum'],
    ],
    [
      'a price outside the collar',
      { priceTicks: 580_000 },
      { markTicks: 580_000, oracleTicks: null },
      ['outsideCollar'],
    ],
    ['a price too far from the mark', {}, { markTicks: 580_000 }, ['farFromMark']],
    ['a price too far from the oracle', {}, { oracleTicks: 620_000 }, ['farFromOracle']],
    [
      '…but the exit looks at the mid alone',
      { reduceOnly: true },
      { markTicks: 580_000, oracleTicks: 1 },
      [],
    ],
    ['…and a mark that was never told is no reason', {}, { markTicks: null, oracleTicks: null }, []],
    ['a single order too large', { sizeLots: 20_001 }, {}, ['tooLarge']],
    [
      'more than the position limit in the worst case',
      {},
      { positionLots: 20_000, openBuyLots: 25_001 },
      ['exposure'],
    ],
    ['exactly the position limit', {}, { positionLots: 20_000, openBuyLots: 25_000 }, []],
    ['our own ask', { priceTicks: 599_800 }, { ownAskTicks: 599_800 }, ['ownCross']],
    ['a client id twice', {}, { isKnownCloid: () => true }, ['duplicate']],
    ['more messages than a second allows', {}, { orderAllowance: 0 }, ['throttle']],
    [
      'all reasons are given, not the first',
      { priceTicks: 580_001, sizeLots: 90_000 },
      { isReady: false, isKilled: true },
      [
        'notReady',
        'killed',
        'invalidPrice',
        'outsideCollar',
        'farFromMark',
        'farFromOracle',
        'tooLarge',
        'exposure',
      ],
    ],
  ])('%s', (_, order, facts, reasons) => {
    expect(reasonsOf(order, facts)).toEqual(reasons)
  })

  test('cancels and questions pass in every state', () => {
    const worst = { ...calmGate, isReady: false, isKilled: true, midTicks: null, orderAllowance: 0 }
    const commands: Command[] = [
      { kind: 'cancel', cloid: bid.cloid, oid: 7 },
      { kind: 'queryOrder', cloid: bid.cloid },
      { kind: 'resync', because: 'test' },
    ]
    for (const command of commands) expect(approve(command, worst, settings).verdict).toBe('approved')
  })

  test('whatever passes keeps the worst case within the position limit', () => {
    const lots = fc.integer({ min: 0, max: 60_000 })
    fc.assert(
      fc.property(
        fc.constantFrom('buy' as const, 'sell' as const),
        fc.integer({ min: 1, max: 30_000 }),
        fc.integer({ min: -60_000, max: 60_000 }),
        lots,
        lots,
        (side, sizeLots, positionLots, openBuyLots, openSellLots) => {
          const priceTicks = side === 'buy' ? 599_800 : 600_200
          const reasons = reasonsOf(
            { side, priceTicks, sizeLots },
            { positionLots, openBuyLots, openSellLots },
          )
          if (reasons.length > 0) return
          const worst =
            side === 'buy' ? positionLots + openBuyLots + sizeLots : -(positionLots - openSellLots - sizeLots)
          expect(worst).toBeLessThanOrEqual(settings.maxPositionLots)
        },
      ),
    )
  })
})
