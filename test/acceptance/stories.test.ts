/**
 * Acceptance stories from the record of makers that lost money, those that need the whole account or the wire. The others: one quote
 * in test/strategies/acceptance.test.ts, a risk verdict in test/core/acceptance.test.ts and test/core/risk/monitors.test.ts; the
 * list of all ten is in docs/faults.md.
 */
import { describe, expect, test } from 'vitest'
import { initEstimates, initLadder } from '../../src/core/contracts.ts'
import type { Estimates } from '../../src/core/contracts.ts'
import type { Approved } from '../../src/core/command.ts'
import { step } from '../../src/core/engine.ts'
import type { RawInput } from '../../src/core/input.ts'
import { runUntil } from '../../src/simulation/world.ts'
import { glftLadderDefaults } from '../../strategies/glft-ladder-config.ts'
import type { GlftLadderConfig } from '../../strategies/glft-ladder-config.ts'
import { createGlftLadder } from '../../strategies/glft-ladder.ts'
import { stageOf } from '../support/closed-world.ts'
import { faultAfterReconciliation, faultOf, filledLots, type Step, walk } from '../support/one-order.ts'
import { calmEstimates, contextOf, measured } from '../support/quote-context.ts'
import { BOT, openStage, STRANGER } from '../support/venue-stage.ts'

describe('3: a feed that is missing', () => {
  /** Every optional signal speaks, each against the same side. */
  const loud: Estimates = {
    ...calmEstimates(),
    momentumZ: [3, 3, 3, 3].map((z) => measured(z)),
    flowImbalance: measured(0.8),
    orderFlowImbalance: measured(0.7),
    toxicity: measured(0.8),
    fillBurstBid: measured(6),
    fillBurstAsk: measured(6),
    micropriceLeanBps: measured(0.4),
  }
  const nothing = initEstimates()

  /** Best bid and ask, ticks. */
  function touchOf(estimates: Estimates, change: Partial<GlftLadderConfig>): number[] {
    const strategy = createGlftLadder({ ...glftLadderDefaults, targetLots: 25_000, ...change })
    const context = contextOf({ estimates })
    const ladder = initLadder(strategy.levelCountMax)
    strategy.quote(strategy.init(context.market), context, ladder)
    expect([ladder.bidCount > 0, ladder.askCount > 0]).toEqual([true, true])
    return [ladder.bids[0]?.priceTicks ?? 0, ladder.asks[0]?.priceTicks ?? 0]
  }

  const off = { tightQuoting: false } as const
  // A knife takes both runs and flow, so it is gone without either.
  test.each<[string, (keyof Estimates)[], Partial<GlftLadderConfig>]>([
    ['runs of the price', ['momentumZ'], { momentumSensitivity: 0, knifeWidenBps: 0 }],
    ['flow', ['flowImbalance', 'orderFlowImbalance'], { flowSensitivity: 0, knifeWidenBps: 0 }],
    ['bursts of fills', ['fillBurstBid', 'fillBurstAsk'], { burstWidenBps: 0 }],
  ])('of %s quotes as a maker without that feature does', (_, keys, without) => {
    const missing = { ...loud, ...Object.fromEntries(keys.map((key) => [key, nothing[key]])) }
    const quoted = touchOf(missing, off)
    expect(quoted).toEqual(touchOf(loud, { ...off, ...without }))
    // The feature is one: with its feed it does quote otherwise.
    expect(quoted).not.toEqual(touchOf(loud, off))
  })

  test('of toxicity quotes as in a flow without any', () => {
    // It also raises the aversion to risk, so there is no one key that takes the feature away.
    const quoted = touchOf({ ...loud, toxicity: nothing.toxicity }, off)
    expect(quoted).toEqual(touchOf({ ...loud, toxicity: measured(0) }, off))
    expect(quoted).not.toEqual(touchOf(loud, off))
  })
})

describe('5: one fill, told in every order', () => {
  const variant = { hasStream: true, hasQueries: false, isTaker: false } as const
  const happened: Step[] = [{ do: 'accept' }, { do: 'fillPart' }, { do: 'cancel' }, { do: 'cancelActs' }]
  const told: Step[] = [
    { do: 'deliver', message: 'answer' },
    { do: 'repeat', message: 'fill 1' },
    { do: 'repeat', message: 'fill 1' },
    { do: 'deliver', message: 'cancelAnswer' },
    { do: 'deliver', message: 'stream cancelled' },
  ]

  test('the answer after the fill, the fill twice, before the acknowledgement, after the cancel: the position is exact', () => {
    const orders = permutations(told)
    expect(orders.length).toBe(120)
    for (const order of orders) {
      const world = walk([...happened, ...order], variant)
      const path = JSON.stringify(order)
      expect(faultOf(world), path).toBeNull()
      expect(world.state.ledger.positionLots, path).toBe(filledLots(world.truth))
      expect(world.state.counters.duplicateFills, path).toBe(1)
      expect(faultAfterReconciliation(world, variant), path).toBeNull()
    }
  })
})

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]]
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  )
}

describe('6: a reconnect', () => {
  test('after 30 s with missed fills: the position is the true one before the first new order', () => {
    const stage = stageOf({
      seed: 3,
      scenario: 'sweep',
      set: ['strategy.name=fixed-spread', 'risk.min_spread_floor_bps=1', 'risk.maker_fee_rate_bps=0.1'],
    })
    const { engine, world, venue } = stage
    stage.run(20)
    const tell = (raw: RawInput, isHeard = true): readonly Approved[] => {
      const commands = step(engine, { ...raw, seq: engine.state.seq + 1, tsMs: world.nowTsMs })
      if (isHeard) venue.send(commands)
      return commands
    }
    // The line is dead both ways: the cancels that the loss of it calls for do not arrive either.
    const lost = tell({ kind: 'connection', up: false, text: 'a test' }, false)
    const cloids = lost.flatMap((command) => (command.kind === 'cancel' ? [command.cloid ?? ''] : []))
    tell({ kind: 'sendUncertain', cloids, action: 'cancel', text: 'a test' }, false)
    const before = engine.state.ledger.positionLots
    runUntil(world, world.nowTsMs + 30_000)
    const missed = venue.takeInputs().filter(({ kind }) => kind === 'fill')
    expect(missed.length).toBeGreaterThanOrEqual(2)
    expect(engine.state.ledger.positionLots).toBe(before)
    expect(stage.truth().positionLots).not.toBe(before)

    // As the adapter joins: the fills since the last, then the account, then the word that quoting may begin.
    let firstOrder: { ours: number; theirs: number } | null = null
    const hear = (raw: RawInput): void => {
      const sends = tell(raw).some(({ kind }) => kind === 'place' || kind === 'modify')
      const { positionLots } = engine.state.ledger
      if (sends) firstOrder ??= { ours: positionLots, theirs: stage.truth().positionLots }
    }
    for (const fill of missed) hear(fill)
    expect(engine.state.ledger.positionLots).toBe(stage.truth().positionLots)
    hear({ kind: 'connection', up: true, text: 'a test' })
    stage.run(5, (_, commands) => {
      const sends = commands.some(({ kind }) => kind === 'place' || kind === 'modify')
      const { positionLots } = engine.state.ledger
      if (sends) firstOrder ??= { ours: positionLots, theirs: stage.truth().positionLots }
    })
    expect(firstOrder).toMatchObject({ ours: expect.any(Number) as number })
    const seen = firstOrder as { ours: number; theirs: number } | null
    expect(seen?.ours).toBe(seen?.theirs)
    expect(engine.state.counters.adjustments).toBe(0)
  })
})

describe('10: an account on a builder DEX', () => {
  test('position from that DEX alone, channels of all DEXs ignored, its collateral, its asset id', async () => {
    const stage = await openStage()
    try {
      // The same coin on the main DEX, held by the same account, has nothing to do with it.
      const main = { assetId: 1, priceTicks: 301_000 } as const
      await stage.order(STRANGER.address, { ...main, side: 'sell', sizeLots: 900 })
      await stage.order(BOT.address, { ...main, side: 'buy', sizeLots: 900 })
      await stage.order(STRANGER.address, { side: 'sell', priceTicks: 301_000, sizeLots: 300 })
      await stage.order(BOT.address, { side: 'buy', priceTicks: 301_000, sizeLots: 300 })
      const player = await stage.play()
      expect(player.venue.market).toMatchObject({ assetId: 110_001, dex: 'hyna', collateral: 'USDE' })
      expect(await player.awaitInput('account')).toMatchObject({ positionLots: 300 })

      const since = player.inputs.length
      const state = { assetPositions: [{ position: { coin: 'hyna:ETH', szi: '7.7' } }] }
      for (const channel of ['webData2', 'clearinghouseState', 'allDexsClearinghouseState']) {
        const user = BOT.address.toLowerCase()
        const data = { user, dex: '', clearinghouseState: state, clearinghouseStates: [['', state]] }
        stage.proxy.inject(JSON.stringify({ channel, data }))
      }
      player.send({ kind: 'resync', because: 'a test' })
      expect(await player.awaitInput('account', () => true, since)).toMatchObject({ positionLots: 300 })
      expect(player.inputsOf('account').map(({ positionLots }) => positionLots)).toEqual([300, 300])
      expect(player.venue.stats.badFrameCount).toBe(0)
    } finally {
      await stage.close()
    }
  })
})
