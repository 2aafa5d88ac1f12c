import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FillInput, RawInput } from '../../src/core/input.ts'
import { gridOf } from '../../src/core/units.ts'
import { VenueError } from '../../src/venues/errors.ts'
import { initBackoff, nextDelayMs, noteConnection } from '../../src/venues/hyperliquid/backoff.ts'
import { Feed } from '../../src/venues/hyperliquid/feed.ts'
import { feeRates } from '../../src/venues/hyperliquid/fees.ts'
import { privateKeyFrom } from '../../src/venues/hyperliquid/keys.ts'
import { BUFFERED_FACTS_MAX, CONNECTIONS_PER_MINUTE_MAX } from '../../src/venues/hyperliquid/options.ts'
import { agree, identityOf } from '../../src/venues/hyperliquid/reconcile.ts'

const KEY = `0x${'4f'.repeat(32)}`

describe('the signing key', () => {
  const noFile = (): string => {
    throw new Error('no file is read')
  }

  test('comes from the variable or from the file that a variable names', () => {
    expect(
      privateKeyFrom({ HYPERMAKE_PRIVATE_KEY: ` ${KEY.toUpperCase().replace('0X', '0x')}\n` }, noFile),
    ).toBe(KEY)
    expect(
      privateKeyFrom(
        { HYPERMAKE_PRIVATE_KEY_FILE: '/run/key' },
        (path) => `${path === '/run/key' ? KEY.slice(2) : ''}\n`,
      ),
    ).toBe(KEY)
    expect(privateKeyFrom({}, noFile)).toBeNull()
    expect(privateKeyFrom({ HYPERMAKE_PRIVATE_KEY: '' }, noFile)).toBeNull()
  })

  test.each([
    ['too short', { HYPERMAKE_PRIVATE_KEY: KEY.slice(0, -1) }],
    ['no hexadecimal', { HYPERMAKE_PRIVATE_KEY: `0x${'zz'.repeat(32)}` }],
    ['a phrase', { HYPERMAKE_PRIVATE_KEY: 'legal winner thank year wave' }],
    ['two sources', { HYPERMAKE_PRIVATE_KEY: KEY, HYPERMAKE_PRIVATE_KEY_FILE: '/run/key' }],
    ['a key in place of a path', { HYPERMAKE_PRIVATE_KEY_FILE: KEY }],
  ])('a bad one is refused without being shown: %s', (_name, environment) => {
    const missing = (path: string): string => {
      throw Object.assign(new Error(`ENOENT: no such file ${path}`), { code: 'ENOENT' })
    }
    let thrown: unknown = null
    try {
      privateKeyFrom(environment, missing)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(VenueError)
    expect(thrown).toMatchObject({ code: 'BAD_KEY' })
    const shown = `${String(thrown)} ${JSON.stringify(thrown)} ${String((thrown as VenueError).cause)}`
    for (const value of Object.values(environment)) {
      if (value !== '/run/key') expect(shown).not.toContain(value.slice(2, 12))
    }
  })
})

describe('fee rates', () => {
  const fees = (userAddRate: string, userCrossRate: string): object => ({ userAddRate, userCrossRate })

  test.each([
    ['main DEX', '0.00015', '0.00045', 0, false, 150_000, 450_000],
    ['builder DEX, d = 0.5', '0.00015', '0.00045', 0.5, false, 225_000, 675_000],
    ['builder DEX, d = 1', '0.00015', '0.00045', 1, false, 300_000, 900_000],
    ['builder DEX, d = 2', '0.00015', '0.00045', 2, false, 600_000, 1_800_000],
    ['builder DEX in growth mode', '0.00015', '0.00045', 1, true, 30_000, 90_000],
    ['a rebate is not scaled by the deployer', '-0.00002', '0.00024', 1, false, -20_000, 480_000],
    ['but by growth mode', '-0.00002', '0.00024', 1, true, -2_000, 48_000],
  ])('%s', (_name, add, cross, deployerFeeScale, growthMode, makerFeePpb, takerFeePpb) => {
    expect(feeRates(fees(add, cross), { deployerFeeScale, growthMode })).toEqual({ makerFeePpb, takerFeePpb })
  })

  test('rates that are missing are not zero', () => {
    expect(() => feeRates({}, { deployerFeeScale: 0, growthMode: false })).toThrow(VenueError)
  })
})

describe('waiting before the next connection', () => {
  test('doubles up to the maximum, at least half of it sure', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 50 }),
        (draws) => {
          let index = 0
          const backoff = initBackoff({ delayMsMin: 200, delayMsMax: 7_000, draw: () => draws[index++] ?? 0 })
          draws.forEach((_, failure) => {
            const fullMs = Math.min(200 * 2 ** failure, 7_000)
            const delayMs = nextDelayMs(backoff, 1e9)
            expect(delayMs).toBeGreaterThanOrEqual(fullMs / 2)
            expect(delayMs).toBeLessThanOrEqual(fullMs)
          })
        },
      ),
    )
  })

  test('connections that fail or hold for any time stay within the budget of a minute, and within the bounds of the wait', () => {
    const session = fc.record({ heldMs: fc.nat(30_000), draw: fc.double({ min: 0, max: 1, noNaN: true }) })
    fc.assert(
      fc.property(fc.array(session, { minLength: 20, maxLength: 120 }), (sessions) => {
        let draw = 0
        const backoff = initBackoff({ delayMsMin: 500, delayMsMax: 4_000, draw: () => draw })
        const openedMs: number[] = []
        let nowMs = 0
        for (const one of sessions) {
          noteConnection(backoff, nowMs)
          openedMs.push(nowMs)
          nowMs += one.heldMs > 20_000 ? one.heldMs : one.heldMs / 100
          draw = one.draw
          if (one.heldMs > 20_000) backoff.failureCount = 0
          const waitMs = nextDelayMs(backoff, nowMs)
          expect(waitMs).toBeGreaterThanOrEqual(250)
          const first = openedMs.at(-CONNECTIONS_PER_MINUTE_MAX)
          expect(waitMs).toBeLessThanOrEqual(Math.max(4_000, (first ?? -60_000) + 60_000 - nowMs))
          nowMs += waitMs
        }
        openedMs.forEach((startMs, index) => {
          const next = openedMs[index + CONNECTIONS_PER_MINUTE_MAX]
          if (next !== undefined) expect(Math.round(next - startMs)).toBeGreaterThanOrEqual(60_000)
        })
      }),
    )
  })

  test('never opens more connections a minute than the budget, however often they drop', () => {
    const backoff = initBackoff({ delayMsMin: 10, delayMsMax: 10, draw: () => 0 })
    const openedMs: number[] = []
    for (let nowMs = 0; openedMs.length < 100; nowMs += nextDelayMs(backoff, nowMs)) {
      noteConnection(backoff, nowMs)
      openedMs.push(nowMs)
    }
    openedMs.forEach((startMs, index) => {
      const inMinute = openedMs.slice(index).filter((ms) => ms < startMs + 60_000).length
      expect(inMinute).toBeLessThanOrEqual(CONNECTIONS_PER_MINUTE_MAX)
    })
  })
})

const fillOf = (of: Partial<FillInput>): FillInput => ({
  kind: 'fill',
  tid: 1,
  oid: 1,
  cloid: null,
  side: 'buy',
  priceTicks: 299_950,
  sizeLots: 500,
  feeMicroUsd: 0,
  closedPnlMicroUsd: 0,
  startPositionLots: 0,
  crossed: false,
  liquidation: false,
  venueTsMs: 1_000,
  ...of,
})

describe('whether a sample of the account agrees with itself', () => {
  const first = fillOf({ tid: 1, sizeLots: 500, startPositionLots: -200, venueTsMs: 1_000 })
  const second = fillOf({ tid: 2, side: 'sell', sizeLots: 700, startPositionLots: 300, venueTsMs: 1_250 })

  test('the last fill ends at the position', () => {
    expect(agree({ positionLots: -400 }, [first, second], new Set())).toBe(true)
    expect(agree({ positionLots: 300 }, [first, second], new Set())).toBe(false)
  })

  test('a fill that the stream told meanwhile is among the fills', () => {
    expect(agree({ positionLots: 300 }, [first], new Set([identityOf(first)]))).toBe(true)
    expect(agree({ positionLots: 300 }, [first], new Set([identityOf(second)]))).toBe(false)
  })

  test('fills of one millisecond may come in any order', () => {
    const atOnce = { ...second, venueTsMs: 1_000 }
    expect(agree({ positionLots: -400 }, [atOnce, first], new Set())).toBe(true)
    expect(agree({ positionLots: -400 }, [first, atOnce], new Set())).toBe(true)
  })

  test('without fills there is nothing to disagree with', () => {
    expect(agree({ positionLots: 12_345 }, [], new Set())).toBe(true)
  })
})

describe('the feed', () => {
  const COIN = 'hyna:ETH'
  const ACCOUNT = '0x00000000000000000000000000000000000000aa' as const
  const level = (px: string): object => ({ px, sz: '0.5', n: 1 })
  const book = (time: number, bid = '2999.5'): object => ({
    coin: COIN,
    time,
    levels: [[level(bid)], [level('3001')]],
  })
  const wireFill = (tid: number, time: number, more: object = {}): object => ({
    coin: COIN,
    px: '2999.5',
    sz: '0.05',
    side: 'B',
    time,
    startPosition: '0.0',
    closedPnl: '0.0',
    oid: 9,
    crossed: false,
    fee: '0.01',
    tid,
    ...more,
  })
  const fillsFrame = (...fills: object[]): object => ({ user: ACCOUNT, fills })

  function openFeed(): { feed: Feed; inputs: RawInput[]; bad: string[]; kinds: () => string[] } {
    const inputs: RawInput[] = []
    const bad: string[] = []
    const feed = new Feed(
      { coin: COIN, grid: gridOf(4), account: ACCOUNT, dex: 'hyna' },
      {
        onInput: (input) => inputs.push(input),
        onBadFrame: (error) => bad.push(`${error.code} ${error.message}`),
      },
    )
    feed.hold()
    return { feed, inputs, bad, kinds: () => inputs.map((input) => input.kind) }
  }

  test('while the account is read, only the last book waits, facts wait in order, and old prints are dropped', () => {
    const { feed, inputs, kinds } = openFeed()
    feed.onFrame('l2Book', book(1_000, '2998'))
    feed.onFrame('trades', [{ coin: COIN, side: 'B', px: '3001', sz: '0.1', time: 900, tid: 1 }])
    feed.onFrame('userFills', fillsFrame(wireFill(1, 1_100)))
    feed.onFrame('l2Book', book(1_500, '2999'))
    feed.onFrame('userFills', fillsFrame(wireFill(2, 1_600)))
    expect(kinds()).toEqual([])
    feed.beginSession(1_050)
    feed.goLive()
    expect(kinds()).toEqual(['book', 'fill', 'fill'])
    expect(inputs[0]).toMatchObject({ bids: [299900, 5000] })
    feed.onFrame('trades', [{ coin: COIN, side: 'B', px: '3001', sz: '0.1', time: 1_700, tid: 2 }])
    expect(kinds().at(-1)).toBe('trade')
  })

  test('fills from before the session are not new money, whichever way they come', () => {
    const { feed, inputs } = openFeed()
    feed.beginSession(1_000)
    feed.goLive()
    feed.onFrame('userFills', fillsFrame(wireFill(1, 999), wireFill(2, 1_000), wireFill(3, 1_001)))
    feed.onFrame('userFills', { ...fillsFrame(wireFill(4, 2_000)), isSnapshot: true })
    feed.deliverSample([fillOf({ tid: 5, venueTsMs: 500 })])
    expect(inputs.map((input) => (input.kind === 'fill' ? input.tid : input.kind))).toEqual([3])
    expect(feed.lastFillTsMs).toBe(1_001)
  })

  test('a sample tells a fill only when the stream has not', () => {
    const { feed, inputs } = openFeed()
    feed.beginSession(1_000)
    feed.goLive()
    feed.onFrame('userFills', fillsFrame(wireFill(7, 1_200)))
    feed.deliverSample([
      fillOf({ tid: 7, oid: 9, venueTsMs: 1_200 }),
      fillOf({ tid: 8, oid: 9, venueTsMs: 1_100 }),
    ])
    expect(inputs.map((input) => (input.kind === 'fill' ? input.tid : input.kind))).toEqual([7, 8])
  })

  test('however streams, samples and lost connections interleave, a fill is told once', () => {
    const step = fc.oneof(
      fc.record({ way: fc.constantFrom('stream', 'sample'), tids: fc.array(fc.nat(12), { maxLength: 4 }) }),
      fc.record({ way: fc.constantFrom('hold', 'goLive'), tids: fc.constant<number[]>([]) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { feed, inputs } = openFeed()
        feed.beginSession(1_000)
        const said = new Set<number>()
        const streamed = new Set<number>()
        for (const { way, tids: drawn } of steps) {
          // The stream tells a fill once; samples overlap as they like.
          const tids = way === 'stream' ? [...new Set(drawn)].filter((tid) => !streamed.has(tid)) : drawn
          if (way === 'stream') for (const tid of tids) streamed.add(tid)
          if (way === 'hold') feed.hold()
          if (way === 'goLive') feed.goLive()
          if (way === 'stream')
            feed.onFrame('userFills', fillsFrame(...tids.map((tid) => wireFill(tid, 2_000 + tid))))
          if (way === 'sample')
            feed.deliverSample(tids.map((tid) => fillOf({ tid, oid: 9, venueTsMs: 2_000 + tid })))
          for (const tid of tids) said.add(tid)
        }
        // What waited when a connection was lost comes again in the next sample, as the venue keeps it.
        feed.deliverSample([...said].map((tid) => fillOf({ tid, oid: 9, venueTsMs: 2_000 + tid })))
        feed.goLive()
        const told = inputs.map((input) => (input.kind === 'fill' ? input.tid : -1))
        expect(told.toSorted((left, right) => left - right)).toEqual(
          [...said].toSorted((left, right) => left - right),
        )
      }),
    )
  })

  test('a fill that a sample has told is no news on the stream; one that the stream repeats is for the core to count', () => {
    const { feed, inputs } = openFeed()
    feed.beginSession(1_000)
    feed.goLive()
    feed.deliverSample([fillOf({ tid: 7, oid: 9, venueTsMs: 1_200 })])
    const told = (): number[] => inputs.map((input) => (input.kind === 'fill' ? input.tid : -1))
    feed.onFrame('userFills', fillsFrame(wireFill(7, 1_200)))
    expect(told()).toEqual([7])
    feed.onFrame('userFills', fillsFrame(wireFill(7, 1_200)))
    feed.onFrame('userFills', fillsFrame(wireFill(8, 1_300), wireFill(8, 1_300)))
    expect(told()).toEqual([7, 7, 8, 8])
  })

  test('an older book or touch never overwrites a newer one, until a new connection begins', () => {
    const { feed, kinds } = openFeed()
    feed.goLive()
    const bbo = (time: number): object => ({ coin: COIN, time, bbo: [level('2999.5'), null] })
    feed.onFrame('l2Book', book(2_000))
    feed.onFrame('l2Book', book(1_999))
    feed.onFrame('bbo', bbo(2_100))
    feed.onFrame('bbo', bbo(2_050))
    feed.onFrame('l2Book', book(2_000))
    expect(kinds()).toEqual(['book', 'touch', 'book'])
    expect(feed.staleFrameCount).toBe(2)
    feed.hold()
    feed.onFrame('l2Book', book(5))
    feed.goLive()
    expect(kinds()).toEqual(['book', 'touch', 'book', 'book'])
  })

  test('a bad frame changes nothing, not even in part, and is reported with its channel', () => {
    const { feed, inputs, bad } = openFeed()
    feed.beginSession(1_000)
    feed.goLive()
    feed.onFrame('userFills', fillsFrame(wireFill(1, 2_000), wireFill(2, 2_000, { px: '2999.555' })))
    feed.onFrame('orderUpdates', { not: 'a list' })
    feed.onFrame('l2Book', null)
    expect(inputs).toEqual([])
    expect(bad.map((text) => text.split(':')[0])).toEqual([
      'OFF_GRID userFills',
      'MALFORMED_MESSAGE orderUpdates',
      'MALFORMED_MESSAGE l2Book',
    ])
  })

  test('whatever arrives on a channel, the feed answers with inputs or a report', () => {
    const channels = fc.constantFrom(
      'l2Book',
      'bbo',
      'trades',
      'activeAssetCtx',
      'orderUpdates',
      'userFills',
      'userFundings',
      'pong',
    )
    fc.assert(
      fc.property(channels, fc.jsonValue(), (channel, data) => {
        const { feed } = openFeed()
        feed.goLive()
        feed.onFrame(channel, data)
        feed.onFrame(channel, {
          coin: COIN,
          user: ACCOUNT,
          time: data,
          levels: data,
          bbo: data,
          ctx: data,
          fills: data,
        })
      }),
    )
  })

  test('messages about other coins and other users are left alone', () => {
    const { feed, inputs, bad } = openFeed()
    feed.beginSession(0)
    feed.goLive()
    feed.onFrame('l2Book', { ...book(1_000), coin: 'ETH' })
    feed.onFrame('userFills', { user: '0x00000000000000000000000000000000000000bb', fills: [wireFill(1, 5)] })
    feed.onFrame('subscriptionResponse', { method: 'subscribe' })
    expect([inputs, bad]).toEqual([[], []])
  })

  test('a funding payment is told once, though every snapshot repeats it', () => {
    const { feed, inputs } = openFeed()
    feed.beginSession(3_600_000)
    feed.goLive()
    const paid = (time: number): object => ({
      coin: COIN,
      usdc: '-0.5',
      szi: '1',
      fundingRate: '0.0000125',
      nSamples: null,
      time,
    })
    feed.onFrame('userFundings', {
      user: ACCOUNT,
      isSnapshot: true,
      fundings: [paid(7_200_000), paid(3_600_000)],
    })
    feed.onFrame('userFundings', { user: ACCOUNT, fundings: [paid(7_200_000)] })
    expect(inputs).toEqual([{ kind: 'fundingPaid', amountMicroUsd: -500_000, venueTsMs: 7_200_000 }])
  })

  test('when more facts wait than its bound, the connection must start over', () => {
    const { feed } = openFeed()
    const frame = fillsFrame(...Array.from({ length: BUFFERED_FACTS_MAX }, (_, tid) => wireFill(tid, 5_000)))
    feed.onFrame('userFills', frame)
    expect(() => feed.onFrame('userFills', fillsFrame(wireFill(1, 6_000)))).toThrow(VenueError)
  })
})
