import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Command } from '../../src/core/command.ts'
import { ORDER_EVENTS } from '../../src/core/orders/order-state.ts'
import { addOrder, move } from '../../src/core/orders/tracker.ts'
import { initState } from '../../src/core/state.ts'
import type { EngineState } from '../../src/core/state.ts'
import { upkeep } from '../../src/core/upkeep.ts'
import { btcMarket, settings } from '../support/core-facts.ts'

/** Orders that are placed, moved by any word, or asked about at any moment; between them only the clock runs. */
const event = fc.record({
  afterMs: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 9_000 })),
  what: fc.oneof(
    fc.constant('news' as const),
    fc.constant('news' as const),
    fc.constant('place' as const),
    fc.record({ which: fc.nat(), word: fc.constantFrom(...ORDER_EVENTS) }),
    fc.record({ which: fc.nat(), askInMs: fc.integer({ min: 0, max: 800 }) }),
  ),
})

function connected(): EngineState {
  const state = initState(5)
  state.market = btcMarket
  state.isConnected = true
  state.tsMs = 1_700_000_000_000
  return state
}

function act(state: EngineState, what: 'place' | object, counter: number): void {
  if (what === 'place') {
    const order = {
      cloid: `c${counter}`,
      side: 'buy',
      priceTicks: 100,
      sizeLots: 5,
      tif: 'alo',
      reduceOnly: false,
    } as const
    addOrder(state.tracker, order, { tsMs: state.tsMs, midTicks: null, replaces: null })
    return
  }
  const live = [...state.tracker.live.values()]
  const { which, word, askInMs } = what as {
    which: number
    word?: (typeof ORDER_EVENTS)[number]
    askInMs?: number
  }
  const order = live[which % Math.max(live.length, 1)]
  if (order === undefined) return
  if (word !== undefined) move(state.tracker, order, word, state.tsMs)
  if (askInMs !== undefined) order.queryTsMs = state.tsMs + askInMs
}

test('looking at the orders only when one is due asks the same questions at the same moments as looking each time', () => {
  let askedInAll = 0
  fc.assert(
    fc.property(fc.array(event, { minLength: 5, maxLength: 60 }), (events) => {
      const [rarely, always] = [connected(), connected()]
      let asked = 0
      for (const [counter, { afterMs, what }] of events.entries()) {
        const outs: Command[][] = []
        for (const state of [rarely, always]) {
          state.tsMs += afterMs
          if (typeof what === 'object') act(state, what, counter)
          const out: Command[] = []
          upkeep(state, settings, out, state === rarely && typeof what === 'string')
          if (what === 'place') act(state, what, counter)
          outs.push(out)
        }
        expect(outs[0]).toEqual(outs[1])
        expect([...rarely.tracker.live.values()]).toEqual([...always.tracker.live.values()])
        asked += outs[0]?.length ?? 0
      }
      askedInAll += asked
    }),
    { numRuns: 500 },
  )
  // A law about questions that were never asked would prove nothing.
  expect(askedInAll).toBeGreaterThan(100)
})
