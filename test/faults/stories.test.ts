/**
 * Faults of the matrix that no other test names, each told to the whole maker through the real adapter and real sockets; the
 * number is that of the table in docs/faults.md. They run side by side, each on an exchange of its own.
 */
import { describe, expect, test } from 'vitest'
import { exposureOf, midTicksOf } from '../../src/core/exposure.ts'
import { submit } from '../../src/simulation/world.ts'
import { FRAME_BYTES_MAX } from '../../src/venues/hyperliquid/options.ts'
import { ASSET_ID, type Maker, type MakerStage, openMakerStage } from '../support/maker-stage.ts'
import { BOT, STRANGER, until } from '../support/venue-stage.ts'

/** Side by side on a busy machine an honest answer may take a while; what is lost here breaks its connection at once. */
const REQUEST_MS = 4_000
/** A cancel that does not take trips the switch after twenty seconds. */
const STUCK_MS_MAX = 60_000
const DAY_MS = 86_400_000
/** Time to quote and to be filled, on a busy machine, before the day ends. */
const BEFORE_MIDNIGHT_MS = 12_000
const MIDNIGHT_MS_MAX = 25_000
const COIN = 'hyna:ETH'
const PLACE = '"type":"order"'
const MODIFY = '"type":"batchModify"'
const CANCEL = '"type":"cancel'
const MARKET_FRAME = /"channel":"(l2Book|bbo)"/

/** A test with a stage of its own, so that stories can run at the same time. */
function story(name: string, tell: (stage: MakerStage) => Promise<void>, shiftMs = (): number => 0): void {
  test(name, { timeout: 120_000 }, async () => {
    const stage = await openMakerStage(shiftMs())
    try {
      await tell(stage)
    } finally {
      await stage.close()
    }
  })
}

async function quoting(stage: MakerStage, of: Parameters<MakerStage['makerOf']>[0] = {}): Promise<Maker> {
  const maker = await stage.makerOf({ ...of, venue: { requestTimeoutMs: REQUEST_MS, ...of.venue } })
  await maker.until(() => maker.isQuoting(), 'quotes on both sides')
  return maker
}

/** Everything of ours goes, and both books are the same at the end. */
async function stopped(stage: MakerStage, maker: Maker): Promise<void> {
  maker.say('stop')
  await maker.until(() => stage.truth().orders.length === 0, 'no order left')
  await stage.agreement(maker)
  expect(maker.failures).toEqual([])
}

function monitorsOf(maker: Maker): string[] {
  return maker.engine.state.verdict?.findings.map(({ monitor }) => monitor) ?? []
}

/** Orders sent from this step on: their prices. */
function pricesSince(maker: Maker, since: number): number[] {
  return maker.steps
    .slice(since)
    .flatMap(({ commands }) => commands)
    .flatMap((command) => ('order' in command ? [command.order.priceTicks] : []))
}

interface Level {
  readonly px: string
  readonly sz: string
}

function bookFrame(bids: readonly Level[], asks: readonly Level[]): string {
  const sides = [bids, asks].map((side) => side.map((level) => ({ ...level, n: 1 })))
  return JSON.stringify({ channel: 'l2Book', data: { coin: COIN, time: Date.now(), levels: sides } })
}

/** From now on the maker hears of the market only what is injected. @returns gives the true market back */
function muteMarket(stage: MakerStage): () => void {
  stage.proxy.onFrame = (text) => (MARKET_FRAME.test(text) ? null : text)
  return () => {
    stage.proxy.onFrame = (text) => text
  }
}

describe.concurrent('market data', () => {
  const bid = { px: '2995', sz: '1' }
  const ask = { px: '3005', sz: '1' }

  story(
    'fault 6: a crossed, a locked and a zero-size book are no books; a one-sided one stops quoting',
    async (stage) => {
      const maker = await quoting(stage)
      const giveBack = muteMarket(stage)
      const { state } = maker.engine
      const before = midTicksOf(state)
      const bad: [Level[], Level[]][] = [
        [[{ px: '3010', sz: '1' }], [ask]],
        [[{ px: '3005', sz: '1' }], [ask]],
        [[{ px: '2995', sz: '0' }], [ask]],
      ]
      for (const [bids, asks] of bad) stage.proxy.inject(bookFrame(bids, asks))
      await until(() => maker.player.venue.stats.badFrameCount >= bad.length, 'the bad frames to be counted')
      expect(midTicksOf(state)).toBe(before)
      for (const [bids, asks] of [
        [[bid], []],
        [[], [ask]],
        [[], []],
      ]) {
        stage.proxy.inject(bookFrame(bids ?? [], asks ?? []))
        await maker.until(() => monitorsOf(maker).includes('alone'), 'the finding')
        await maker.until(() => stage.truth().orders.length === 0, 'no quote')
        stage.proxy.inject(bookFrame([bid], [ask]))
        await maker.until(() => maker.isQuoting(), 'quotes again')
      }
      giveBack()
      await stopped(stage, maker)
    },
  )

  test.concurrent.each([
    ['10 %', 1.1],
    ['90 %', 0.1],
    ['a factor of 1000', 1_000],
  ])('fault 7: a jump of %s within one frame: nothing is priced from it', async (_, factor) => {
    const stage = await openMakerStage()
    try {
      const maker = await quoting(stage, {
        set: ['risk.velocity_window_ms=300', 'risk.pull_hold_ms=100'],
        venue: { bookSilenceMsMax: 60_000 },
      })
      const giveBack = muteMarket(stage)
      const since = maker.steps.length
      stage.proxy.inject(
        bookFrame(
          [{ px: String(Math.round(2_995 * factor)), sz: '1' }],
          [{ px: String(Math.round(3_005 * factor)), sz: '1' }],
        ),
      )
      await maker.until(() => monitorsOf(maker).includes('velocity'), 'the finding')
      expect(monitorsOf(maker)).toContain('mark')
      await maker.until(() => stage.truth().orders.length === 0, 'no quote')
      // The velocity guard lets go after its window; the mark still stands against the price.
      await maker.until(() => !monitorsOf(maker).includes('velocity'), 'the guard to let go')
      expect(monitorsOf(maker)).toContain('mark')
      expect(pricesSince(maker, since)).toEqual([])
      giveBack()
      await stage.quoteMarket(299_600, 300_600)
      await maker.until(() => maker.isQuoting(), 'quotes again')
      await stopped(stage, maker)
    } finally {
      await stage.close()
    }
  })

  story(
    'fault 8: a mark that leaves the mid by three percent pulls the quotes until it is back',
    async (stage) => {
      const maker = await quoting(stage)
      const { engine } = maker
      const since = maker.steps.length
      const ctx = (markPx: string): string =>
        JSON.stringify({
          channel: 'activeAssetCtx',
          data: {
            coin: COIN,
            ctx: {
              funding: '0.0000125',
              openInterest: '1.0',
              prevDayPx: '3000.0',
              dayNtlVlm: '1.0',
              premium: null,
              oraclePx: markPx,
              markPx,
              midPx: '3000.0',
              impactPxs: null,
              dayBaseVlm: '1.0',
            },
          },
        })
      const isContext = (text: string): boolean => text.includes('"channel":"activeAssetCtx"')
      stage.proxy.onFrame = (text) => (isContext(text) ? null : text)
      stage.proxy.inject(ctx('3090.0'))
      await maker.until(() => engine.state.verdict?.action === 'pull', 'the pull')
      expect(monitorsOf(maker)).toContain('mark')
      await maker.until(() => stage.truth().orders.length === 0, 'no quote')
      expect(pricesSince(maker, since)).toEqual([])
      stage.proxy.inject(ctx('3000.0'))
      await maker.until(() => maker.isQuoting(), 'quotes again')
      stage.proxy.onFrame = (text) => text
      await stopped(stage, maker)
    },
  )

  story(
    'fault 10: a frame beyond the bound costs the connection, twenty thousand small ones cost nothing',
    async (stage) => {
      const maker = await quoting(stage)
      const touch = (): string =>
        JSON.stringify({
          channel: 'bbo',
          data: {
            coin: COIN,
            time: Date.now(),
            bbo: [
              { px: '2995', sz: '10', n: 1 },
              { px: '3005', sz: '10', n: 1 },
            ],
          },
        })
      const flood = touch()
      for (let count = 0; count < 20_000; count += 1) stage.proxy.inject(flood)
      await stage.strike('sell', 700)
      await maker.until(() => maker.engine.state.ledger.positionLots === 700, 'the fill behind the flood')
      const { stats } = maker.player.venue
      expect(stats.reconnectCount).toBe(0)
      stage.proxy.inject(`{"channel":"l2Book","data":"${'x'.repeat(FRAME_BYTES_MAX)}"}`)
      await maker.until(() => !maker.engine.state.isConnected, 'the loss')
      await maker.until(() => maker.isQuoting(), 'quotes again')
      expect(maker.player.venue.stats.reconnectCount).toBe(1)
      await stopped(stage, maker)
    },
  )
})

describe.concurrent('orders and their answers', () => {
  story(
    'fault 13: the answer to an order that has filled and ended meanwhile brings nothing back',
    async (stage) => {
      let release: () => void = () => undefined
      const late = new Promise<void>((resolve) => (release = resolve))
      let isMet = false
      stage.proxy.onRequest = (path, body) => {
        if (isMet || path !== '/exchange' || !body.includes(PLACE)) return 'pass'
        isMet = true
        return { after: late }
      }
      const maker = await stage.makerOf({ venue: { requestTimeoutMs: 20_000 } })
      await until(() => stage.truth().orders.length === 2, 'both orders at the venue')
      const { state } = maker.engine
      const first = [...state.tracker.live.values()].find(({ side }) => side === 'buy')
      await stage.strike('sell', first?.sizeLots ?? 0)
      await maker.until(() => first?.state === 'filled' || first?.state === 'filledImmediately', 'the end')
      const ended = first?.state
      release()
      await maker.until(
        () => maker.steps.some(({ input }) => input.kind === 'orderResting' && input.cloid === first?.cloid),
        'the late answer',
      )
      expect(first?.state).toBe(ended)
      await stage.agreement(maker)
      await stopped(stage, maker)
    },
  )

  story(
    'fault 14: the answer of an earlier action in place of the right one: no order is lost or doubled',
    async (stage) => {
      let saved: string | null = null
      let isSwapped = false
      stage.proxy.onRequest = (path, body) => {
        if (path !== '/exchange') return 'pass'
        if (body.includes(PLACE) && saved === null) return { edit: (answer) => (saved = answer) }
        if (!body.includes(MODIFY) || isSwapped) return 'pass'
        isSwapped = true
        return { edit: (answer) => saved ?? answer }
      }
      const maker = await quoting(stage, { set: ['execution.resync_interval_ms=1000'] })
      await stage.quoteMarket(298_900, 299_900)
      await maker.until(() => isSwapped && maker.isQuoting(), 'quotes after the swap')
      await stage.agreement(maker)
      expect(stage.truth().orders.length).toBeLessThanOrEqual(2)
      // Back to where a strike reaches our bid.
      await stage.quoteMarket(299_500, 300_500)
      await maker.until(
        () => stage.truth().orders.some(({ side, priceTicks }) => side === 'buy' && priceTicks >= 299_600),
        'a bid within reach',
      )
      await stage.strike('sell', 900)
      await maker.until(() => maker.engine.state.ledger.positionLots === 900, 'a fill')
      await stage.agreement(maker)
      await stopped(stage, maker)
    },
  )

  story(
    'fault 18: cancels that never arrive: repeated at a bounded pace, the orders stay in the exposure, none is added',
    async (stage) => {
      const maker = await quoting(stage)
      let cancelCount = 0
      stage.proxy.onRequest = (path, body) => {
        if (path !== '/exchange' || !body.includes(CANCEL)) return 'pass'
        cancelCount += 1
        return 'loseRequest'
      }
      const since = maker.steps.length
      maker.say('kill')
      await maker.until(() => cancelCount >= 3, 'cancels that are repeated')
      const { state } = maker.engine
      const truly = stage.truth().orders
      const exposure = exposureOf(state)
      expect(truly.length).toBe(2)
      expect(exposure.openBuyLots + exposure.openSellLots).toBe(
        truly.reduce((sum, order) => sum + order.remainingLots, 0),
      )
      const startMs = performance.now()
      const before = cancelCount
      await maker.until(() => cancelCount >= before + 3, 'more of them')
      // Each round waits for a question and its answer; a loop without waits would be hundreds.
      expect((cancelCount - before) / ((performance.now() - startMs) / 1_000)).toBeLessThan(40)
      stage.proxy.onRequest = () => 'pass'
      await maker.until(() => stage.truth().orders.length === 0, 'no order left')
      expect(pricesSince(maker, since)).toEqual([])
      await stage.agreement(maker)
    },
  )

  story(
    'fault 18: a cancel that never takes stops new orders, goes by its other name, and trips the switch',
    async (stage) => {
      const maker = await quoting(stage)
      const cancels: string[] = []
      stage.proxy.onRequest = (path, body) => {
        if (path !== '/exchange' || !(body.includes(CANCEL) || body.includes(MODIFY))) return 'pass'
        cancels.push(body)
        return 'loseRequest'
      }
      const giveBack = muteMarket(stage)
      const since = maker.steps.length
      // Without a second side nothing may stand, and both quotes are to go.
      stage.proxy.inject(bookFrame([{ px: '2995', sz: '1' }], []))
      await maker.until(() => monitorsOf(maker).includes('stuckCancel'), 'the finding')
      giveBack()
      await maker.until(() => maker.engine.state.killedBecause !== null, 'the switch', STUCK_MS_MAX)
      expect(maker.engine.state.killedBecause).toMatch(/an order still stands after \d+ cancels/)
      expect(pricesSince(maker, since)).toEqual([])
      expect(cancels.some((body) => body.includes('"type":"cancelByCloid"'))).toBe(true)
      expect(cancels.some((body) => body.includes('"type":"cancel"'))).toBe(true)
      stage.proxy.onRequest = () => 'pass'
      await maker.until(() => stage.truth().orders.length === 0, 'no order left')
      await stage.agreement(maker)
    },
  )

  story(
    'fault 21: post-only orders that would cross are refused and retried at a bounded pace, and never take',
    async (stage) => {
      const maker = await quoting(stage)
      let orderCount = 0
      // The maker sees an old market 30 dollars higher: its bid would cross the true ask.
      stage.proxy.onFrame = (text) => (MARKET_FRAME.test(text) ? null : text)
      stage.proxy.onRequest = (path, body) => {
        if (path === '/exchange' && (body.includes(PLACE) || body.includes(MODIFY))) orderCount += 1
        return 'pass'
      }
      stage.proxy.inject(bookFrame([{ px: '3025', sz: '1' }], [{ px: '3035', sz: '1' }]))
      const isRefused = (): boolean => maker.engine.state.counters.refusals >= 3
      await maker.until(isRefused, 'refusals')
      const before = orderCount
      const startMs = performance.now()
      await until(() => performance.now() - startMs > 1_000, 'a second to pass')
      expect(orderCount - before).toBeLessThan(10)
      stage.proxy.onFrame = (text) => text
      await stage.quoteMarket(299_600, 300_600)
      await maker.until(() => maker.isQuoting(), 'quotes again')
      expect(maker.steps.some(({ input }) => input.kind === 'fill' && input.crossed)).toBe(false)
      await stopped(stage, maker)
    },
  )

  story(
    'fault 23: an id beyond 2^53 is refused with its whole frame, and the account is read again',
    async (stage) => {
      const maker = await quoting(stage)
      const [order] = stage.truth().orders
      const resyncs = maker.player.venue.requestCounts['clearinghouseState'] ?? 0
      const update = {
        order: {
          coin: COIN,
          side: 'B',
          limitPx: '2990.0',
          sz: '0.0',
          oid: 0,
          timestamp: 1,
          origSz: '1.0',
          cloid: order?.cloid,
        },
        status: 'canceled',
        statusTimestamp: 1,
      }
      const text = JSON.stringify({ channel: 'orderUpdates', data: [update] })
      stage.proxy.inject(text.replace('"oid":0', '"oid":9007199254740993'))
      await until(() => maker.player.venue.stats.badFrameCount === 1, 'the frame to be refused')
      await until(
        () => (maker.player.venue.requestCounts['clearinghouseState'] ?? 0) > resyncs,
        'the account to be read',
      )
      expect(maker.isQuoting()).toBe(true)
      await stopped(stage, maker)
    },
  )
})

describe.concurrent('fills and positions', () => {
  story('fault 27: a fill beyond the size of its order is booked, flagged, and kills', async (stage) => {
    const maker = await quoting(stage)
    const since = maker.steps.length
    const [order] = stage.truth().orders
    const known = [...maker.engine.state.tracker.live.values()].find(({ oid }) => oid === order?.oid)
    const size = ((known?.sizeLots ?? 0) + 100) / 10_000
    const fill = {
      coin: COIN,
      px: '2995.0',
      sz: String(size),
      side: known?.side === 'buy' ? 'B' : 'A',
      time: Date.now(),
      startPosition: '0.0',
      dir: 'Open Long',
      closedPnl: '0.0',
      hash: `0x${'0'.repeat(64)}`,
      oid: order?.oid,
      crossed: false,
      fee: '0.1',
      tid: 4_711,
      feeToken: 'USDE',
      cloid: order?.cloid,
    }
    const data = { user: BOT.address.toLowerCase(), fills: [fill] }
    stage.proxy.inject(JSON.stringify({ channel: 'userFills', data }))
    await maker.until(() => maker.engine.state.counters.overfills === 1, 'the overfill')
    expect(Math.abs(maker.engine.state.ledger.positionLots)).toBe((known?.sizeLots ?? 0) + 100)
    await maker.until(() => maker.engine.state.killedBecause !== null, 'the kill')
    expect(maker.engine.state.killedBecause).toMatch(/beyond its size/)
    await maker.until(() => stage.truth().orders.length === 0, 'no order left')
    expect(pricesSince(maker, since).length).toBe(0)
  })

  story(
    'fault 28: a trade of somebody else with our account moves the position with a cause, once',
    async (stage) => {
      const maker = await quoting(stage)
      await stage.order(BOT.address, { side: 'buy', priceTicks: 300_600, sizeLots: 1_234, tif: 'Ioc' })
      await maker.until(() => maker.engine.state.ledger.positionLots === 1_234, 'the position')
      expect(maker.engine.state.counters.externalFills).toBeGreaterThan(0)
      await stage.agreement(maker)
      await maker.until(() => maker.isQuoting(), 'quotes on both sides')
      expect(maker.engine.state.ledger.positionLots).toBe(1_234)
      await stopped(stage, maker)
    },
  )

  story('fault 30: a fee of another sign is booked as the venue tells it', async (stage) => {
    const maker = await quoting(stage)
    stage.proxy.onFrame = (text) =>
      text.includes('"channel":"userFills"') ? text.replace(/"fee":"[^"]*"/g, '"fee":"-0.5"') : text
    await stage.strike('sell', 800)
    await maker.until(() => maker.engine.state.ledger.positionLots === 800, 'the fill')
    expect(maker.engine.state.ledger.feesMicroUsd).toBe(-500_000)
  })

  story(
    'fault 61: an acknowledged fill that disappears stops quoting before the position of the venue is taken over',
    async (stage) => {
      const maker = await quoting(stage, { set: ['execution.resync_interval_ms=1000'] })
      // The stream tells a fill that the venue afterwards knows nothing of.
      const [order] = stage.truth().orders
      const known = [...maker.engine.state.tracker.live.values()].find(({ oid }) => oid === order?.oid)
      const fill = {
        coin: COIN,
        px: '2995.0',
        sz: '0.05',
        side: known?.side === 'buy' ? 'B' : 'A',
        time: Date.now(),
        startPosition: '0.0',
        dir: 'Open Long',
        closedPnl: '0.0',
        hash: `0x${'0'.repeat(64)}`,
        oid: order?.oid,
        crossed: false,
        fee: '0.01',
        tid: 4_712,
        feeToken: 'USDE',
        cloid: order?.cloid,
      }
      const since = maker.steps.length
      const data = { user: BOT.address.toLowerCase(), fills: [fill] }
      stage.proxy.inject(JSON.stringify({ channel: 'userFills', data }))
      const { state } = maker.engine
      await maker.until(() => Math.abs(state.ledger.positionLots) === 500, 'the fill')
      await maker.until(() => monitorsOf(maker).includes('mismatch'), 'the difference to be seen')
      const seen = maker.steps.length
      await maker.until(() => state.counters.adjustments > 0, 'the venue to be believed')
      // The sample that was believed ends it; quotes may follow at once.
      const believed = maker.steps.findLastIndex(({ input }) => input.kind === 'account')
      const between = maker.steps.slice(seen, believed)
      expect(
        between.flatMap(({ commands }) => commands).filter((one) => 'order' in one && !one.order.reduceOnly),
      ).toEqual([])
      expect(state.ledger.positionLots).toBe(stage.truth().positionLots)
      expect(maker.steps.length).toBeGreaterThan(since)
      maker.say('stop')
      await maker.until(() => stage.truth().orders.length === 0, 'no order left')
    },
  )
})

describe.concurrent('clock and venue', () => {
  story(
    'fault 40: a clock that jumps an hour back and forth: nonces never repeat, expired orders are refused, then it quotes again',
    async (stage) => {
      let [offsetMs, shift] = [0, 0]
      const nonces: number[] = []
      stage.proxy.onRequest = (path, body) => {
        if (path === '/exchange') nonces.push((JSON.parse(body) as { nonce: number }).nonce)
        return 'pass'
      }
      const maker = await quoting(stage, { venue: { nowMs: () => Date.now() + offsetMs } })
      for (const jumpMs of [-3_600_000, 3_600_000, -1_000, 1_000]) {
        offsetMs = jumpMs
        shift = shift === 0 ? -1_000 : 0
        await stage.quoteMarket(299_500 + shift, 300_500 + shift)
        await maker.until(() => maker.steps.length > 0, 'a step')
        if (jumpMs < -60_000) {
          await maker.until(() => maker.engine.state.counters.refusals > 0, 'orders that came too late')
        }
        await stage.agreement(maker)
      }
      offsetMs = 0
      await stage.quoteMarket(299_500, 300_500)
      await maker.until(() => maker.isQuoting(), 'quotes again')
      expect(nonces).toEqual([...new Set(nonces)].sort((a, b) => a - b))
      await stopped(stage, maker)
    },
  )

  story(
    'fault 41: a venue whose clock runs five seconds behind is not quoted, and is once it is right',
    async (stage) => {
      stage.proxy.onFrame = (text) =>
        MARKET_FRAME.test(text)
          ? text.replace(/"time":(\d+)/, (_, time: string) => `"time":${Number(time) - 5_000}`)
          : text
      // Such a book is old by the clock as well; the skew is what is looked for.
      const maker = await stage.makerOf({ set: ['risk.max_book_age_ms=60000'] })
      await maker.until(() => monitorsOf(maker).includes('clockSkew'), 'the finding')
      const since = maker.steps.length
      await stage.quoteMarket(299_400, 300_400)
      await maker.until(() => stage.truth().orders.length === 0, 'no quote')
      expect(pricesSince(maker, since)).toEqual([])
      stage.proxy.onFrame = (text) => text
      await stage.quoteMarket(299_500, 300_500)
      await maker.until(() => maker.isQuoting(), 'quotes')
      await stopped(stage, maker)
    },
  )

  story(
    'fault 42: the day rolls over while it trades: the loss of the day starts anew, once; fills of one block count each',
    async (stage) => {
      const maker = await quoting(stage)
      const { ledger } = maker.engine.state
      const dayOf = (tsMs: number): number => Math.floor(tsMs / DAY_MS)
      const firstDay = dayOf(maker.engine.state.tsMs)
      await Promise.all([stage.strike('sell', 1_000), stage.strike('sell', 500)])
      await maker.until(() => ledger.positionLots === 1_500, 'both fills')
      await stage.quoteMarket(299_000, 300_000)
      const isRolled = (): boolean => ledger.dayIndex > firstDay
      await until(isRolled, 'midnight', () => '', MIDNIGHT_MS_MAX)
      const { dayStartMicroUsd } = ledger
      expect(ledger.dayIndex).toBe(firstDay + 1)
      expect(dayStartMicroUsd).toBeLessThan(0)
      await stage.strike('sell', 500)
      await maker.until(() => ledger.positionLots === 2_000, 'a fill of the new day')
      expect(ledger.dayStartMicroUsd).toBe(dayStartMicroUsd)
      await stopped(stage, maker)
    },
    () => DAY_MS - (Date.now() % DAY_MS) - BEFORE_MIDNIGHT_MS,
  )

  story(
    'fault 59: the venue halts the market: orders end, the position is settled, and it quotes again when trading resumes',
    async (stage) => {
      const maker = await quoting(stage)
      await stage.strike('sell', 1_000)
      await maker.until(() => maker.engine.state.ledger.positionLots === 1_000, 'the fill')
      const halt = async (isHalted: boolean): Promise<void> =>
        new Promise((resolve) => {
          submit(stage.world, { kind: 'halt', assetId: ASSET_ID, isHalted }, () => resolve())
        })
      await halt(true)
      await maker.until(() => stage.truth().orders.length === 0, 'no order')
      await until(() => stage.truth().positionLots === 0, 'the position to be settled')
      const refusals = maker.engine.state.counters.refusals
      await maker.until(() => maker.engine.state.counters.refusals > refusals, 'a refusal')
      await halt(false)
      // The stranger's orders ended too.
      const around = { sizeLots: 100_000 } as const
      await stage.order(STRANGER.address, { ...around, side: 'buy', priceTicks: 299_500 })
      await stage.order(STRANGER.address, { ...around, side: 'sell', priceTicks: 300_500 })
      await maker.until(() => maker.isQuoting(), 'quotes again')
      await stage.agreement(maker)
      await stopped(stage, maker)
    },
  )
})

describe.concurrent('our own bugs', () => {
  story(
    'fault 39: a bug stops every decision at once, and the separate way takes all orders back',
    async (stage) => {
      const maker = await quoting(stage)
      const { market, account } = maker.player.venue
      const session = { market, account, epoch: 1, configHash: '' } as const
      maker.session.loop.push({ kind: 'sessionStarted', ...session })
      await maker.until(() => maker.failures.length === 1, 'the failure')
      expect(String(maker.failures[0])).toMatch(/a session starts once/)
      const stepCount = maker.steps.length
      expect(await maker.player.venue.cancelAll()).toBe(0)
      expect(stage.truth().orders).toEqual([])
      expect(maker.steps.length).toBe(stepCount)
    },
  )

  story(
    'fault 57: quotes that want to move with every message stay within the messages of a second',
    async (stage) => {
      const perSecMax = 4
      const maker = await quoting(stage, {
        set: [
          `execution.max_orders_per_sec=${perSecMax}`,
          'execution.max_bps_diff=0',
          'risk.velocity_pull_bps=5000',
        ],
      })
      muteMarket(stage)
      const wanted = maker.engine.state.counters.gateRefusals
      for (let round = 0; round < 120; round += 1) {
        const shift = (round % 10) * 0.5
        const level = (px: number): Level[] => [{ px: (px + shift).toFixed(1), sz: '1' }]
        stage.proxy.inject(bookFrame(level(2_985), level(2_995)))
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      const perSecond = new Map<number, number>()
      for (const { input, commands } of maker.steps) {
        const second = Math.floor(input.tsMs / 1_000)
        const count = commands.filter((command) => 'order' in command).length
        perSecond.set(second, (perSecond.get(second) ?? 0) + count)
      }
      expect(Math.max(...perSecond.values())).toBe(perSecMax)
      expect(maker.engine.state.counters.gateRefusals).toBeGreaterThan(wanted)
      await stopped(stage, maker)
    },
  )
})
