import { describe, expect, test } from 'vitest'
import { step } from '../../src/core/engine.ts'
import { exposureOf } from '../../src/core/exposure.ts'
import type { OperatorAction } from '../../src/core/input.ts'
import { viewOf } from '../../src/core/view-of.ts'
import { stageOf } from '../support/closed-world.ts'
import type { Stage } from '../support/closed-world.ts'

/** Says something to the maker between two blocks, as the operator would. */
function say(stage: Stage, action: OperatorAction, reason: string): void {
  const { engine, world, venue } = stage
  const seq = engine.state.seq + 1
  venue.send(step(engine, { kind: 'operator', action, reason, seq, tsMs: world.nowTsMs }))
}

/** Our figures and the exchange's, which must be the same to the micro-dollar. */
function expectAgreement(stage: Stage): void {
  const { ledger, accountFirst } = stage.engine.state
  const truth = stage.truth()
  expect(ledger.positionLots).toBe(truth.positionLots)
  const cashMicroUsd = ledger.cashFlowMicroUsd - ledger.feesMicroUsd + ledger.fundingMicroUsd
  expect(cashMicroUsd).toBe(truth.cashMicroUsd - (accountFirst?.cashMicroUsd ?? Number.NaN))
}

/** An order that the venue ended is forgotten within this: it would hold up exposure and cross our own quotes. */
const LEAVING_MS_MAX = 4_000

describe('the maker on the embedded exchange', () => {
  test('quotes both sides, is filled on both, and agrees with the exchange to the micro-dollar', () => {
    const stage = stageOf({ seed: 7 })
    let quotingCount = 0
    let stepCount = 0
    const sides = new Set<string>()
    stage.run(240, (input) => {
      if (input.kind === 'fill') sides.add(input.side)
      if (input.kind !== 'timer') return
      stepCount += 1
      if (viewOf(stage.engine).state === 'quoting') quotingCount += 1
    })
    expect(quotingCount / stepCount).toBeGreaterThan(0.9)
    expect([...sides].sort()).toEqual(['buy', 'sell'])
    expectAgreement(stage)

    say(stage, 'stop', 'test')
    stage.run(5)
    expect(stage.truth().openOrderCount).toBe(0)
    expect(viewOf(stage.engine).state).toBe('stopping')
    expectAgreement(stage)
  })

  test('the same seed gives the same commands and state hash, another seed another', () => {
    const log = (seed: number): string => {
      const lines: string[] = []
      const hash = stageOf({ seed }).run(40, (_, commands) => lines.push(JSON.stringify(commands)))
      return `${hash} ${lines.join()}`
    }
    expect(log(3)).toBe(log(3))
    expect(log(3)).not.toBe(log(4))
  })

  test.each(['calm', 'trend', 'sweep', 'gap', 'thin', 'funding'])(
    'in %s the worst case never exceeds the position limit and no quote crosses',
    (scenario) => {
      const stage = stageOf({ seed: 11, scenario, set: ['risk.max_position=0.3'] })
      const { state, parts } = stage.engine
      stage.run(130, () => {
        const exposure = exposureOf(state)
        const { maxPositionLots } = parts.settings
        expect(exposure.positionLots + exposure.openBuyLots).toBeLessThanOrEqual(maxPositionLots)
        expect(exposure.openSellLots - exposure.positionLots).toBeLessThanOrEqual(maxPositionLots)
        for (const order of state.tracker.live.values()) {
          // A move that the venue refused leaves its order in doubt until the venue was asked.
          if (order.state === 'cancelConfirmed' || order.state === 'uncertain')
            expect(state.tsMs - order.stateTsMs).toBeLessThan(LEAVING_MS_MAX)
        }
      })
      expect(state.ledger.fillCount).toBeGreaterThan(0)
      expectAgreement(stage)
    },
  )

  test('the kill switch cancels everything, and only a reset lets it quote again', () => {
    const stage = stageOf({ seed: 5 })
    stage.run(20)
    expect(stage.truth().openOrderCount).toBeGreaterThan(0)
    say(stage, 'kill', 'operator said so')
    stage.run(5)
    expect(stage.truth().openOrderCount).toBe(0)
    expect(viewOf(stage.engine)).toMatchObject({ state: 'killed', because: 'operator said so' })
    say(stage, 'resume', 'a resume is no reset')
    stage.run(5)
    expect(stage.truth().openOrderCount).toBe(0)
    say(stage, 'resetKill', 'looked into it')
    stage.run(10)
    expect(stage.truth().openOrderCount).toBeGreaterThan(0)
  })

  test('a loss of the day beyond its limit trips the kill switch by itself', () => {
    const stage = stageOf({ seed: 5, scenario: 'gap', set: ['risk.max_daily_loss_usd=0.01'] })
    stage.run(180)
    expect(stage.engine.state.killedBecause).toMatch(/lost \$.* today, limit \$0.01/)
    expect(stage.truth().openOrderCount).toBe(0)
  })

  test('a stale book takes every quote down and a fresh one brings them back', () => {
    const stage = stageOf({ seed: 5 })
    stage.run(20)
    const { engine, world, venue } = stage
    venue.takeInputs()
    const tsMs = world.nowTsMs + engine.parts.settings.maxBookAgeMs
    venue.send(step(engine, { kind: 'timer', seq: engine.state.seq + 1, tsMs }))
    expect(viewOf(engine).because).toMatch(/the book is \d+ ms old/)
  })

  test('trades from before the session, and those repeated at a reconnect, teach the estimators nothing', () => {
    const stage = stageOf({ seed: 5 })
    stage.run(20)
    const { engine, world } = stage
    const tell = (venueTsMs: number): string => {
      const before = JSON.stringify(engine.pipelineState)
      const trade = { kind: 'trade', tid: 7, aggressor: 'buy', priceTicks: 600_000, sizeLots: 9_000 } as const
      step(engine, { ...trade, venueTsMs, seq: engine.state.seq + 1, tsMs: world.nowTsMs })
      return before === JSON.stringify(engine.pipelineState) ? 'nothing' : 'something'
    }
    expect(tell((engine.state.accountFirst?.venueTsMs ?? 0) - 1)).toBe('nothing')
    expect(tell(engine.state.lastTradeVenueTsMs - 1)).toBe('nothing')
    expect(tell(world.nowTsMs + 1)).toBe('something')
  })
})
