/** A modify has two legs: the order that it ends and the one that takes its place. Both stay in the books until both are settled. */
import { describe, expect, test } from 'vitest'
import { absorb } from '../../../src/core/absorb.ts'
import { exposureOf } from '../../../src/core/exposure.ts'
import type { RawInput } from '../../../src/core/input.ts'
import { addOrder, findOrder, linkOid, move } from '../../../src/core/orders/tracker.ts'
import type { Order } from '../../../src/core/orders/tracker.ts'
import { initState } from '../../../src/core/state.ts'
import type { EngineState } from '../../../src/core/state.ts'
import { upkeep } from '../../../src/core/upkeep.ts'
import type { Command } from '../../../src/core/command.ts'
import { btcMarket, settings } from '../../support/core-facts.ts'

const OLD = 'old'
const NEW = 'new'

interface Story {
  readonly state: EngineState
  hear(input: RawInput): void
  stateOf(cloid: string): string
  leg(cloid: string): Order
  asked(afterMs: number): string[]
}

/** An old leg of 700 lots that rests as order 41, and a new one of 500 lots that has just been sent to replace it. */
function modifying(): Story {
  const state = initState(5)
  state.market = btcMarket
  state.isConnected = true
  state.tsMs = 1_700_000_000_000
  const placed = (cloid: string, sizeLots: number, replaces: string | null): Order =>
    addOrder(
      state.tracker,
      { cloid, side: 'buy', priceTicks: 600_000, sizeLots, tif: 'alo', reduceOnly: false },
      { tsMs: state.tsMs, midTicks: 600_005, replaces },
    )
  const old = placed(OLD, 700, null)
  linkOid(state.tracker, old, 41)
  move(state.tracker, old, 'accepted', state.tsMs)
  placed(NEW, 500, OLD)
  old.replacedBy = NEW
  move(state.tracker, old, 'cancelRequested', state.tsMs)
  const leg = (cloid: string): Order => {
    const order = findOrder(state.tracker, { cloid, oid: null })
    if (order === null) throw new Error(`${cloid} is tracked`)
    return order
  }
  return {
    state,
    leg,
    stateOf: (cloid) => leg(cloid).state,
    hear(input) {
      state.tsMs += 3
      state.seq += 1
      absorb(state, { ...input, seq: state.seq, tsMs: state.tsMs }, settings)
    },
    asked(afterMs) {
      const out: Command[] = []
      state.tsMs += afterMs
      upkeep(state, settings, out)
      return out.flatMap((command) => (command.kind === 'queryOrder' ? [command.cloid] : []))
    },
  }
}

const fill = (of: { tid: number; oid: number; cloid: string; sizeLots: number }): RawInput => ({
  kind: 'fill',
  side: 'buy',
  priceTicks: 600_000,
  feeMicroUsd: 0,
  closedPnlMicroUsd: 0,
  startPositionLots: 0,
  crossed: false,
  liquidation: false,
  venueTsMs: 1_700_000_000_500,
  ...of,
})

describe('the two legs of a modify', () => {
  test('both count until the venue has answered and no fill can be on its way, and then only the new one', () => {
    const story = modifying()
    expect(exposureOf(story.state).openBuyLots).toBe(1_200)
    story.hear({ kind: 'orderResting', cloid: NEW, oid: 42 })
    expect([story.stateOf(OLD), story.stateOf(NEW)]).toEqual(['cancelConfirmed', 'resting'])
    expect(story.leg(NEW).oid).toBe(42)
    // Fills of the old leg may still be on their way; once none can come, it no longer counts.
    expect(exposureOf(story.state).openBuyLots).toBe(1_200)
    expect(story.asked(2_100)).toEqual([])
    expect(exposureOf(story.state).openBuyLots).toBe(500)
  })

  test('a fill of the old leg that was on its way counts for the old leg, also after the answer', () => {
    const story = modifying()
    story.hear(fill({ tid: 7, oid: 41, cloid: OLD, sizeLots: 120 }))
    story.hear({ kind: 'orderResting', cloid: NEW, oid: 42 })
    story.hear(fill({ tid: 8, oid: 41, cloid: OLD, sizeLots: 30 }))
    story.hear(fill({ tid: 9, oid: 42, cloid: NEW, sizeLots: 60 }))
    expect([story.leg(OLD).filledLots, story.leg(NEW).filledLots]).toEqual([150, 60])
    expect(story.state.ledger.positionLots).toBe(210)
  })

  test('a smaller order that keeps its number is the new leg from then on', () => {
    const story = modifying()
    story.hear({ kind: 'orderResting', cloid: NEW, oid: 41 })
    expect(findOrder(story.state.tracker, { cloid: null, oid: 41 })?.cloid).toBe(NEW)
    story.hear(fill({ tid: 7, oid: 41, cloid: NEW, sizeLots: 60 }))
    story.hear(fill({ tid: 7, oid: 41, cloid: NEW, sizeLots: 60 }))
    expect([story.leg(OLD).filledLots, story.leg(NEW).filledLots]).toEqual([0, 60])
    expect(story.state.counters.duplicateFills).toBe(1)
  })

  test('a refused new leg says nothing of the old one: it counts until a query has told', () => {
    const story = modifying()
    story.hear({ kind: 'orderRefused', cloid: NEW, refusal: 'postOnly', text: 'would have matched' })
    expect(story.stateOf(NEW)).toBe('rejected')
    expect(exposureOf(story.state).openBuyLots).toBe(700)
    expect(story.asked(600)).toContain(OLD)
    story.hear({
      kind: 'orderStatus',
      cloid: OLD,
      oid: 41,
      status: 'open',
      remainingLots: 700,
      venueTsMs: 1_700_000_000_900,
    })
    expect(story.stateOf(OLD)).toBe('resting')
  })

  test('a lost answer leaves both in doubt, both are asked for, and neither is sent again', () => {
    const story = modifying()
    story.hear({ kind: 'sendUncertain', cloids: [NEW], action: 'modify', text: 'timeout' })
    expect(exposureOf(story.state)).toMatchObject({ openBuyLots: 1_200 })
    expect(story.asked(600).sort()).toEqual([NEW, OLD])
  })
})
