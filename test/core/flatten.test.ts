/** After the kill switch, through the real adapter: only cancels and reduce-only orders, within the slippage, until flat or given up. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Command } from '../../src/core/command.ts'
import { flattenStage } from '../../src/core/flatten.ts'
import { type Maker, type MakerStage, openMakerStage } from '../support/maker-stage.ts'

let stage: MakerStage
beforeEach(async () => {
  stage = await openMakerStage()
})
afterEach(async () => {
  await stage.close()
})

const MID_TICKS = 300_000
const SLIPPAGE_BPS = 40
const FLATTEN = [
  'risk.kill.policy=flatten',
  `risk.kill.slippage_bps=${SLIPPAGE_BPS}`,
  'risk.max_order_share=0.26',
]

/** A maker that a stranger has sold `sizeLots` to. */
async function longMaker(set: readonly string[]): Promise<Maker> {
  const maker = await stage.makerOf({ set })
  await maker.until(() => maker.isQuoting(), 'quotes')
  for (const lots of [5_000, 10_000]) {
    await stage.strike('sell', 5_000)
    await maker.until(() => maker.engine.state.ledger.positionLots === lots, 'a position')
    await maker.until(() => maker.isQuoting(), 'quotes')
  }
  return maker
}

function stageOfKill(maker: Maker): string {
  return flattenStage(maker.engine.state, maker.engine.parts.settings)
}

/** Commands of the step that killed and of all later ones. */
function afterKill(maker: Maker): Command[] {
  const from = maker.steps.findIndex(({ input }) => input.kind === 'operator' && input.action === 'kill')
  return maker.steps.slice(from).flatMap(({ commands }) => [...commands])
}

describe('the kill switch with a position', () => {
  test('closes it in stages that stay within the slippage, and nothing else is ever sent', async () => {
    // One order may have 0.52 of the 1 ETH held: it takes two that fill.
    const maker = await longMaker(FLATTEN)
    const heldLots = maker.engine.state.ledger.positionLots
    // Between the inner bid and what the first stages ask for: they find nobody.
    await stage.quoteMarket(299_100, 300_900)
    maker.say('kill', 'a test')
    await maker.until(() => stageOfKill(maker) === 'flat', 'the end of the position')
    expect(stage.truth()).toMatchObject({ positionLots: 0, orders: [] })
    await stage.agreement(maker)

    const orders = afterKill(maker).flatMap((command) => (command.kind === 'place' ? [command.order] : []))
    expect(orders.length).toBeGreaterThanOrEqual(Math.ceil(heldLots / 5_200) + 1)
    for (const order of orders) {
      expect(order).toMatchObject({ side: 'sell', reduceOnly: true, tif: 'ioc' })
      expect(order.priceTicks).toBeGreaterThanOrEqual(MID_TICKS * (1 - SLIPPAGE_BPS / 10_000))
    }
    // The first asks for less than the last.
    expect(orders[0]?.priceTicks).toBeGreaterThan(orders.at(-1)?.priceTicks ?? 0)
    expect(afterKill(maker).some(({ kind }) => kind === 'modify')).toBe(false)
  })

  test('gives up in time when nobody is near enough, and the position stays as it was', async () => {
    const maker = await longMaker([...FLATTEN, 'risk.kill.flatten_sec=1.5'])
    const heldLots = maker.engine.state.ledger.positionLots
    await stage.quoteMarket(297_000, 303_000)
    maker.say('kill', 'a test')
    await maker.until(() => stageOfKill(maker) === 'gaveUp', 'giving up')
    expect(stage.truth().positionLots).toBe(heldLots)
    expect(afterKill(maker).some(({ kind }) => kind === 'place')).toBe(true)
  })

  test('by the policy `cancel` only cancels, and the step that killed is kept before the first of them leaves', async () => {
    let killStepsAtCancel = -1
    const killSteps = (): number =>
      maker.steps.filter(({ input }) => input.kind === 'operator' && input.action === 'kill').length
    const onSent = (type: string): void => {
      if (type.startsWith('cancel') && killStepsAtCancel < 0) killStepsAtCancel = killSteps()
    }
    const maker = await stage.makerOf({ venue: { onSent } })
    await maker.until(() => maker.isQuoting(), 'quotes')
    await stage.strike('sell', 2_000)
    await maker.until(() => maker.engine.state.ledger.positionLots > 0, 'a position')
    killStepsAtCancel = -1
    maker.say('kill', 'a test')
    await maker.until(() => stage.truth().orders.length === 0, 'an empty book')
    expect(killStepsAtCancel).toBe(1)
    await stage.agreement(maker)
    expect(
      afterKill(maker).every(({ kind }) => kind === 'cancel' || kind === 'queryOrder' || kind === 'resync'),
    ).toBe(true)
    expect(stageOfKill(maker)).toBe('off')
    expect(stage.truth().positionLots).toBeGreaterThan(0)
  })
})
