/**
 * Stories of a venue and a wire that misbehave, told to the whole maker over real sockets. Each ends with the same demand: our
 * position, cash and orders are the exchange's, and nothing was ever doubled.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeCloid } from '../../src/core/orders/cloid.ts'
import { advance } from '../../src/simulation/world.ts'
import { type Maker, openMakerStage, type MakerStage } from '../support/maker-stage.ts'
import { BOT, until } from '../support/venue-stage.ts'
import type { Fate } from '../support/wire-proxy.ts'

let stage: MakerStage
/** The most orders of ours that ever rested at once. */
let restingMax = 0
let watch: NodeJS.Timeout

beforeEach(async () => {
  stage = await openMakerStage()
  restingMax = 0
  watch = setInterval(() => {
    restingMax = Math.max(restingMax, stage.truth().orders.length)
  }, 5)
})
afterEach(async () => {
  clearInterval(watch)
  await stage.close()
})

/** The fate of the first requests whose body has the word; the others pass. @returns how many met it */
function meet(word: string, fate: Fate, times = 1): { readonly count: number } {
  const met = { count: 0 }
  stage.proxy.onRequest = (path, body) => {
    if (path !== '/exchange' || !body.includes(word) || met.count >= times) return 'pass'
    met.count += 1
    return fate
  }
  return met
}

const PLACE = '"type":"order"'
const MODIFY = '"type":"batchModify"'
const CANCEL = '"type":"cancel'

async function quotingMaker(): Promise<Maker> {
  const maker = await stage.makerOf()
  await maker.until(() => maker.isQuoting(), 'quotes on both sides')
  return maker
}

/** Everything of ours goes; foreign orders do not count. */
async function stopped(maker: Maker): Promise<void> {
  maker.say('stop')
  await maker.until(() => stage.truth().orders.length === 0, 'no order left')
  await stage.agreement(maker)
  expect(maker.failures).toEqual([])
}

function placedCount(maker: Maker): number {
  return maker.steps.flatMap(({ commands }) => commands).filter(({ kind }) => kind === 'place').length
}

describe('a request or its answer is lost', () => {
  test.each<[string, Fate]>([
    ['the connection breaks before the answer', 'loseAnswer'],
    ['the answer never comes', 'holdAnswer'],
    [
      'a gateway answers 502 with a page',
      { status: 502, contentType: 'text/html', body: '<html>bad gateway</html>' },
    ],
    ['the answer is cut in the middle', { edit: (body) => body.slice(0, Math.floor(body.length / 2)) }],
  ])('%s: the orders are uncertain, found by a query, and never doubled', async (_, fate) => {
    const met = meet(PLACE, fate)
    const maker = await stage.makerOf()
    const isLost = (): boolean => maker.steps.some(({ input }) => input.kind === 'sendUncertain')
    await maker.until(() => isLost() && maker.isQuoting(), 'quotes on both sides')
    expect(met.count).toBe(1)
    await stage.agreement(maker)
    expect(restingMax).toBeLessThanOrEqual(2)
    expect(placedCount(maker)).toBe(2)
    await stopped(maker)
  })

  test('the request is lost: nothing is sent again before the order is dead for sure', async () => {
    meet(PLACE, 'loseRequest')
    const maker = await stage.makerOf()
    const lostAtMs = performance.now()
    await maker.until(() => maker.isQuoting(), 'quotes on both sides')
    // The expiry of the order, and the margin for the difference of clocks.
    expect(performance.now() - lostAtMs).toBeGreaterThan(1_800)
    await stage.agreement(maker)
    expect(placedCount(maker)).toBe(4)
    expect(restingMax).toBeLessThanOrEqual(2)
    await stopped(maker)
  })

  test.each<[string, Fate]>([
    ['request', 'loseRequest'],
    ['answer', 'loseAnswer'],
  ])('the %s of a cancel is lost: it is asked for and cancelled for good', async (_, fate) => {
    const maker = await quotingMaker()
    const met = meet(CANCEL, fate)
    maker.say('pause')
    await maker.until(() => stage.truth().orders.length === 0, 'no order left')
    expect(met.count).toBe(1)
    await stage.agreement(maker)
    maker.say('resume')
    await maker.until(() => maker.isQuoting(), 'quotes on both sides again')
    await stopped(maker)
  })

  test.each<[string, Fate]>([
    ['request', 'loseRequest'],
    ['answer', 'loseAnswer'],
  ])('the %s of a modify is lost: both legs are settled, neither is doubled', async (_, fate) => {
    const maker = await quotingMaker()
    const met = meet(MODIFY, fate)
    await stage.quoteMarket(298_900, 299_900)
    await maker.until(() => met.count === 1, 'a modify')
    await maker.until(() => maker.isQuoting(), 'quotes on both sides')
    await stage.agreement(maker)
    expect(restingMax).toBeLessThanOrEqual(2)
    await stopped(maker)
  })
})

describe('fills come when they like', () => {
  test('the old leg of a modify fills first: its fill is counted and the exposure stays within the limit', async () => {
    const maker = await quotingMaker()
    let isStruck = false
    stage.proxy.onRequest = (path, body) => {
      if (path === '/exchange' && body.includes(MODIFY) && !isStruck) {
        isStruck = true
        // The taker is executed before the modify reaches the venue.
        void stage.strike('sell', 5_000)
        advance(stage.world, stage.world.nowTsMs + 40)
      }
      return 'pass'
    }
    await stage.quoteMarket(298_900, 299_900)
    await maker.until(() => maker.engine.state.ledger.fillCount > 0, 'the fill')
    expect(isStruck).toBe(true)
    await stage.agreement(maker)
    expect(maker.engine.state.ledger.positionLots).toBe(5_000)
    await stopped(maker)
  })

  test('a fill overtakes the answer to its order', async () => {
    let release: () => void = () => undefined
    meet(PLACE, { after: new Promise((resolve) => (release = resolve)) })
    const maker = await stage.makerOf({ venue: { requestTimeoutMs: 5_000 } })
    await until(() => stage.truth().orders.length === 2, 'both orders at the venue')
    await stage.strike('sell', 2_000)
    await maker.until(() => maker.engine.state.ledger.positionLots === 2_000, 'the fill')
    const state = [...maker.engine.state.tracker.live.values()].find((order) => order.side === 'buy')?.state
    expect(state).toBe('partialFilled')
    release()
    await stage.agreement(maker)
    await stopped(maker)
  })

  test('fills come twice, and the later before the earlier', async () => {
    const maker = await quotingMaker()
    const held: string[] = []
    stage.proxy.onFrame = (text) => {
      if (!text.includes('"channel":"userFills"')) return text
      held.push(text)
      return null
    }
    for (const lots of [500, 700, 900]) {
      await stage.strike('sell', lots)
      await until(() => held.length > 0 && held.join().includes(`"sz":"0.0${lots / 100}"`), 'the frame')
    }
    stage.proxy.onFrame = (text) => text
    for (const text of [...held].reverse()) stage.proxy.inject(text)
    for (const text of held) stage.proxy.inject(text)
    await maker.until(() => maker.engine.state.ledger.positionLots === 2_100, 'all fills')
    await maker.until(() => maker.engine.state.counters.duplicateFills >= 3, 'the repetitions')
    expect(maker.engine.state.ledger.fillCount).toBe(3)
    await stage.agreement(maker)
    await stopped(maker)
  })

  test('fills missed while the connection was down are counted before the first new order', async () => {
    const maker = await quotingMaker()
    stage.proxy.onFrame = (text) => (/"channel":"(userFills|orderUpdates)"/.test(text) ? null : text)
    await stage.strike('sell', 1_500)
    await stage.strike('sell', 1_500)
    stage.proxy.acceptsStreams = false
    stage.proxy.cutStreams()
    await maker.until(() => !maker.engine.state.isConnected, 'the loss')
    expect(maker.engine.state.ledger.positionLots).toBe(0)
    stage.proxy.onFrame = (text) => text
    const since = maker.steps.length
    stage.proxy.acceptsStreams = true
    await maker.until(() => maker.engine.state.isConnected, 'the connection')
    await maker.until(() => maker.isQuoting(), 'quotes on both sides')
    const later = maker.steps.slice(since)
    const firstOrder = later.findIndex(({ commands }) =>
      commands.some(({ kind }) => kind === 'place' || kind === 'modify'),
    )
    const lastFill = later.findLastIndex(({ input }) => input.kind === 'fill' && input.sizeLots === 1_500)
    expect(lastFill).toBeGreaterThanOrEqual(0)
    if (firstOrder !== -1) expect(firstOrder).toBeGreaterThan(lastFill)
    expect(maker.engine.state.ledger.positionLots).toBe(3_000)
    await stage.agreement(maker)
    await stopped(maker)
  })
})

describe('the venue is silent or refuses', () => {
  test('a book that no longer comes takes the quotes down while the socket stands', async () => {
    const maker = await stage.makerOf({
      set: ['risk.max_book_age_ms=500'],
      venue: { bookSilenceMsMax: 60_000 },
    })
    await maker.until(() => maker.isQuoting(), 'quotes on both sides')
    const isBook = (text: string): boolean => /"channel":"(l2Book|bbo)"/.test(text)
    stage.proxy.onFrame = (text) => (isBook(text) ? null : text)
    await maker.until(() => stage.truth().orders.length === 0, 'no order left')
    expect(maker.engine.state.isConnected).toBe(true)
    expect(maker.engine.state.verdict?.findings.map(({ monitor }) => monitor)).toContain('staleness')
    stage.proxy.onFrame = (text) => text
    await stage.quoteMarket(299_500, 300_500)
    await maker.until(() => maker.isQuoting(), 'quotes again')
    await stopped(maker)
  })

  test('429: orders back off instead of hammering, cancels go through, quoting comes back', async () => {
    const maker = await quotingMaker()
    const tooMany = { status: 429, contentType: 'text/plain', body: 'too many requests', isUnseen: true }
    let count = 0
    stage.proxy.onRequest = (path, body) => {
      if (path !== '/exchange' || !(body.includes(PLACE) || body.includes(MODIFY))) return 'pass'
      count += 1
      return tooMany
    }
    await stage.quoteMarket(298_500, 299_500)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    // Without a wait there would be one attempt every requote interval: 75.
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThan(20)
    maker.say('pause')
    await maker.until(() => stage.truth().orders.length === 0, 'no order left')
    stage.proxy.onRequest = () => 'pass'
    maker.say('resume')
    await maker.until(() => maker.isQuoting(), 'quotes again')
    await stopped(maker)
  })
})

describe('the venue says what is not so', () => {
  test('an order that it refused rests all the same: the next comparison finds and cancels it', async () => {
    const refusal = { status: 429, contentType: 'text/plain', body: 'too many requests' }
    meet(PLACE, refusal)
    const maker = await stage.makerOf({ set: ['execution.resync_interval_ms=1000'] })
    await until(() => stage.truth().orders.length >= 2, 'orders at the venue')
    const wrong = stage.truth().orders.map(({ oid }) => oid)
    const isGone = (): boolean => !stage.truth().orders.some(({ oid }) => wrong.includes(oid))
    await maker.until(() => isGone() && maker.isQuoting(), 'the wrong orders to go')
    await stage.agreement(maker)
    await stopped(maker)
  })
})

describe('a new process', () => {
  test('finds and cancels the orders of an earlier run, and leaves foreign ones alone and shown', async () => {
    const first = await quotingMaker()
    await stage.strike('sell', 1_000)
    await first.until(() => first.engine.state.ledger.positionLots === 1_000, 'the fill')
    await first.crash()
    const left = stage.truth().orders.map(({ oid }) => oid)
    expect(left.length).toBeGreaterThan(0)
    await stage.order(BOT.address, { side: 'buy', priceTicks: 280_000, sizeLots: 300 })
    const mainnet = makeCloid({ network: 'mainnet', epoch: 5, counter: 3 })
    await stage.order(BOT.address, { side: 'buy', priceTicks: 279_000, sizeLots: 300, cloid: mainnet })

    const second = await stage.makerOf()
    await second.until(() => second.isQuoting(), 'quotes on both sides')
    await until(() => !stage.truth().orders.some(({ oid }) => left.includes(oid)), 'the old orders to go')
    expect(second.engine.state.ledger.positionLots).toBe(1_000)
    expect(second.engine.state.foreignOrders.map(({ priceTicks }) => priceTicks).sort()).toEqual([
      279_000, 280_000,
    ])
    await stage.agreement(second)
    second.say('stop')
    expect(await second.player.venue.cancelAll()).toBe(0)
    await second.until(() => stage.truth().orders.length === 2, 'only the foreign orders')
  })
})
