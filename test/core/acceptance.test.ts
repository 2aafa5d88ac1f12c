/**
 * Stories from the record of makers that lost money, as they must end with ours: the shipped maker on the shipped exchange in
 * virtual time, or the engine told exactly what happened.
 */
import { describe, expect, test } from 'vitest'
import { step } from '../../src/core/engine.ts'
import { exposureOf } from '../../src/core/exposure.ts'
import type { RawInput } from '../../src/core/input.ts'
import { isActive } from '../../src/core/orders/order-state.ts'
import type { Side } from '../../src/core/units.ts'
import { viewOf } from '../../src/core/view-of.ts'
import { stageOf } from '../support/closed-world.ts'
import type { Stage } from '../support/closed-world.ts'

function tell(stage: Stage, raw: RawInput): readonly { readonly kind: string }[] {
  const { engine, world, venue } = stage
  const tsMs = Math.max(world.nowTsMs, engine.state.tsMs)
  const commands = step(engine, { ...raw, seq: engine.state.seq + 1, tsMs })
  venue.send(commands)
  return commands
}

function restingOf(stage: Stage, side: Side): ReturnType<typeof Array.from<{ oid: number | null }>> {
  const { tracker } = stage.engine.state
  return [...tracker.live.values()].filter((order) => order.side === side && isActive(order.state))
}

let tid = 900_000

/** The venue says that the innermost orders of a side filled, one after another, within a second. */
function sweep(stage: Stage, side: Side, count: number): { readonly kind: string }[][] {
  const { state } = stage.engine
  return Array.from({ length: count }, () => {
    const [order] = [...state.tracker.live.values()]
      .filter((one) => one.side === side && isActive(one.state))
      .sort((a, b) => (side === 'buy' ? b.priceTicks - a.priceTicks : a.priceTicks - b.priceTicks))
    if (order === undefined || order.oid === null) return []
    const fill = {
      kind: 'fill',
      tid: (tid += 1),
      oid: order.oid,
      cloid: order.cloid,
      side,
      priceTicks: order.priceTicks,
      sizeLots: order.sizeLots - order.filledLots,
      feeMicroUsd: 7,
      closedPnlMicroUsd: 0,
      startPositionLots: state.ledger.positionLots,
      crossed: false,
      liquidation: false,
      venueTsMs: state.tsMs,
    } as const
    return [...tell(stage, fill)]
  })
}

describe('acceptance stories', () => {
  test('1: a sweep of one side: what is left of it is cancelled within one event, and exposure stays within the limit', () => {
    const stage = stageOf({
      seed: 7,
      set: ['quoting.ladder.levels=7', 'risk.max_position=0.5', 'risk.burst.fills=4'],
    })
    stage.run(20)
    const { engine } = stage
    expect(restingOf(stage, 'buy').length).toBeGreaterThan(4)
    const answers = sweep(stage, 'buy', 4)
    const { maxPositionLots } = engine.parts.settings
    const left = restingOf(stage, 'buy')
    expect(answers[3]?.filter(({ kind }) => kind === 'cancel').length).toBeGreaterThan(0)
    expect(left).toEqual([])
    expect(engine.state.verdict?.findings.map(({ monitor }) => monitor)).toContain('burst')
    expect(exposureOf(engine.state).positionLots + exposureOf(engine.state).openBuyLots).toBeLessThanOrEqual(
      maxPositionLots,
    )
    // The exit stays.
    expect(engine.state.ladder.askCount).toBeGreaterThan(0)
  })

  test('2: long 45% while the price falls 40 bps: reducing quotes in every cycle', () => {
    const stage = stageOf({ seed: 9, scenario: 'trend' })
    stage.run(20)
    const { state, parts } = stage.engine
    let [cycles, without] = [0, 0]
    stage.run(180, (input) => {
      if (input.kind !== 'timer' || state.verdict?.isBlind === true) return
      const held = exposureOf(state).positionLots
      if (Math.abs(held) < 0.2 * parts.settings.maxPositionLots) return
      cycles += 1
      if ((held > 0 ? state.ladder.askCount : state.ladder.bidCount) === 0) without += 1
    })
    expect(cycles).toBeGreaterThan(0)
    expect(without).toBe(0)
  })

  test('9: five percent of the requests left: the same spread, a slower pace, cancels still possible; 1%: no new order', () => {
    const play = (
      usedCount: number,
    ): { spreads: number[]; messages: number; cycles: number; stage: Stage } => {
      const stage = stageOf({ seed: 7 })
      stage.run(20)
      tell(stage, { kind: 'budget', usedCount, capCount: 1_000_000 })
      const before = stage.engine.state.counters.quotes
      const spreads: number[] = []
      let cycles = 0
      stage.run(60, (_, commands) => {
        if (commands.some(({ kind }) => kind === 'place' || kind === 'modify')) cycles += 1
        const { ladder } = stage.engine.state
        const [bid, ask] = [ladder.bids[0], ladder.asks[0]]
        if (ladder.bidCount > 0 && ladder.askCount > 0 && bid !== undefined && ask !== undefined) {
          spreads.push(ask.priceTicks - bid.priceTicks)
        }
      })
      return { spreads, messages: stage.engine.state.counters.quotes - before, cycles, stage }
    }
    const mean = (numbers: readonly number[]): number =>
      numbers.reduce((sum, one) => sum + one, 0) / numbers.length
    const rich = play(10_000)
    const poor = play(955_000)
    expect(mean(poor.spreads) / mean(rich.spreads)).toBeGreaterThan(0.9)
    expect(mean(poor.spreads) / mean(rich.spreads)).toBeLessThan(1.1)
    expect(poor.cycles).toBeLessThan(rich.cycles / 2)
    expect(poor.messages).toBeLessThan(rich.messages)
    expect(viewOf(poor.stage.engine).requestsLeft).toBeLessThan(45_000)

    tell(poor.stage, { kind: 'operator', action: 'pause', reason: 'a test' })
    poor.stage.run(3)
    expect(poor.stage.truth().openOrderCount).toBe(0)
    const broke = play(999_000)
    expect(broke.messages).toBe(0)
    tell(broke.stage, { kind: 'operator', action: 'stop', reason: 'a test' })
    broke.stage.run(3)
    expect(broke.stage.truth().openOrderCount).toBe(0)
  })

  test('protection: too much traded within the window pulls what adds, keeps the exit, and lets go by itself', () => {
    const set = ['risk.mmp.max_delta_share=0.1', 'risk.mmp.freeze_ms=5000', 'risk.burst.fills=50']
    const stage = stageOf({ seed: 2, set })
    stage.run(20)
    const { state } = stage.engine
    // In this market nothing tripped it before.
    expect(state.counters.mmpTrips).toBe(0)
    sweep(stage, 'buy', 3)
    expect(state.counters.mmpTrips).toBe(1)
    expect(state.verdict?.findings.map(({ monitor }) => monitor)).toContain('protection')
    expect([state.ladder.bidCount, state.ladder.askCount > 0]).toEqual([0, true])
    expect(state.ladder.bidBecause).toMatch(/too much traded within 10000 ms: delta/)
  })
})
