import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ExchangeCommand, ProtectionLimits } from '../../src/exchange/command.ts'
import { placeDirect } from '../../src/exchange/direct.ts'
import {
  apply,
  conservation,
  createExchange,
  fullStateHash,
  netPositionLots,
  stateHash,
  type Exchange,
} from '../../src/exchange/exchange.ts'
import { touch } from '../../src/exchange/queries/book.ts'
import { openOrders } from '../../src/exchange/queries/orders.ts'
import { initSink, initSource } from '../../src/journal/bytes.ts'
import { decodeRecord, encodeRecord } from '../../src/journal/codec.ts'
import { FRAME_LENGTH_BYTES } from '../../src/journal/format.ts'
import {
  ALICE,
  BOB,
  BTC,
  CAROL,
  DAVE,
  ETH,
  SPEC,
  START_MS,
  address,
  oidOf,
  world,
  type World,
} from '../support/exchange-world.ts'

const LIMITS: ProtectionLimits = {
  window: 'tumbling',
  windowMs: 1_000,
  frozenMs: 5_000,
  quantityMaxLots: 2_500,
  notionalMaxMicroUsd: 0,
  deltaMaxLots: 0,
}
const HELD_BACK =
  /^Market maker protection refuses new orders until \d+ \(reduce-only ones are taken\)\. asset=0$/

const protect = (one: World, change: Partial<ProtectionLimits> = {}, account = BOB): unknown =>
  one.run({ kind: 'protect', account, assetId: BTC, limits: { ...LIMITS, ...change } })

const reset = (one: World): unknown => one.run({ kind: 'resetProtection', account: BOB, assetId: BTC })

/** Five asks of 1 000 lots, a step of ten ticks apart. @returns their ids, nearest first */
function ladder(one: World, account: string, fromTicks: number): number[] {
  return [0, 1, 2, 3, 4].map((level) =>
    oidOf(one.place(account, { side: 'sell', priceTicks: fromTicks + level * 10 })),
  )
}

const sweep = (one: World, sizeLots: number): unknown =>
  one.place(ALICE, { priceTicks: 951_000, sizeLots, tif: 'Ioc' })

/** Until Bob is held back: three levels of his are gone, two ended. */
function freezeBob(one: World, change: Partial<ProtectionLimits> = {}): void {
  protect(one, change)
  ladder(one, BOB, 950_000)
  sweep(one, 5_000)
}

describe('protection of a market maker', () => {
  test('a sweep through five levels stops at the limit: the fill that met it is whole, the rest ends, oldest first', () => {
    const one = world()
    expect(protect(one)).toEqual({ kind: 'done' })
    const oids = ladder(one, BOB, 950_000)
    const bid = oidOf(one.place(BOB, { priceTicks: 940_000 }))
    const before = one.events.length
    expect(sweep(one, 5_000)).toMatchObject({ kind: 'filled', totalLots: 3_000 })
    expect(one.fillsOf(BOB).map(({ oid, sizeLots }) => [oid, sizeLots])).toEqual(
      oids.slice(0, 3).map((oid) => [oid, 1_000]),
    )
    const ended = one.events.slice(before).flatMap((event) => {
      if (event.kind === 'fill') return event.account === BOB ? [`fill ${event.oid}`] : []
      return event.kind === 'order' && event.order.account === BOB
        ? [`${event.status} ${event.order.oid}`]
        : []
    })
    expect(ended).toEqual([
      ...oids.slice(0, 3).flatMap((oid) => [`fill ${oid}`, `filled ${oid}`]),
      ...[...oids.slice(3), bid].map((oid) => `scheduledCancel ${oid}`),
    ])
    expect(openOrders(one.exchange, BOB)).toEqual([])
    expect(conservation(one.exchange)).toBe(0)
  })

  test('without protection the same sweep takes all five levels', () => {
    const one = world()
    ladder(one, BOB, 950_000)
    expect(sweep(one, 5_000)).toMatchObject({ kind: 'filled', totalLots: 5_000 })
  })

  test('the taker goes on through the orders of others, and its rest waits in the book', () => {
    const one = world()
    protect(one)
    ladder(one, BOB, 950_000)
    const others = ladder(one, CAROL, 950_005 + 95)
    const taker = oidOf(one.place(ALICE, { priceTicks: 951_000, sizeLots: 9_000 }))
    expect(others.map((oid) => one.statusesOf(oid).at(-1))).toEqual(Array(5).fill('filled'))
    expect(openOrders(one.exchange, ALICE)).toMatchObject([{ oid: taker, remainingLots: 1_000 }])
    expect(touch(one.exchange, BTC)).toMatchObject({ bidTicks: 951_000, askTicks: 0 })
  })

  test('a part of an order that meets the limit ends what is left of that order too', () => {
    const one = world()
    protect(one)
    const oid = oidOf(one.place(BOB, { side: 'sell', sizeLots: 9_000 }))
    expect(sweep(one, 2_499)).toMatchObject({ kind: 'filled' })
    expect(openOrders(one.exchange, BOB)).toMatchObject([{ oid, remainingLots: 6_501 }])
    sweep(one, 1_000)
    expect(one.statusesOf(oid)).toEqual(['open', 'open', 'open', 'scheduledCancel'])
    expect(one.fillsOf(BOB).reduce((sum, fill) => sum + fill.sizeLots, 0)).toBe(3_499)
  })

  test('during the freeze only reduce-only orders are taken; its end and a reset open the market again', () => {
    const one = world()
    freezeBob(one)
    const plain = { side: 'buy', priceTicks: 940_000 } as const
    const refusal = { kind: 'error', text: expect.stringMatching(HELD_BACK) }
    expect(one.place(BOB, plain)).toEqual(refusal)
    expect(one.place(BOB, { ...plain, tif: 'Ioc' })).toEqual(refusal)
    const trigger = { isMarket: true, triggerTicks: 960_000, kind: 'sl' } as const
    expect(one.place(BOB, { priceTicks: 965_000, trigger })).toEqual(refusal)
    expect(one.place(BOB, { ...plain, reduceOnly: true, sizeLots: 3_000 }).kind).toBe('resting')
    // Other markets and other accounts are not concerned.
    expect(one.place(BOB, { assetId: ETH, priceTicks: 299_000 }).kind).toBe('resting')
    expect(one.place(CAROL, plain).kind).toBe('resting')
    one.wait(4_999)
    expect(one.place(BOB, plain)).toEqual(refusal)
    one.wait(1)
    expect(one.place(BOB, plain).kind).toBe('resting')

    const another = world()
    freezeBob(another)
    expect(another.place(BOB, plain).kind).toBe('error')
    expect(reset(another)).toEqual({ kind: 'done' })
    expect(another.place(BOB, plain).kind).toBe('resting')
  })

  test('a freeze of 0 ms lasts until a reset, and says so', () => {
    const one = world()
    freezeBob(one, { frozenMs: 0 })
    one.wait(100_000)
    expect(one.place(BOB, {})).toEqual({
      kind: 'error',
      text: 'Market maker protection refuses new orders until it is reset (reduce-only ones are taken). asset=0',
    })
    reset(one)
    expect(one.place(BOB, {}).kind).toBe('resting')
  })

  test('what an account takes does not count, and reduce-only orders and triggers outlive the freeze', () => {
    const one = world()
    protect(one, { frozenMs: 0 })
    ladder(one, CAROL, 950_000)
    expect(one.place(BOB, { priceTicks: 951_000, sizeLots: 5_000, tif: 'Ioc' })).toMatchObject({
      totalLots: 5_000,
    })
    const shrinks = oidOf(one.place(BOB, { side: 'sell', priceTicks: 960_000, reduceOnly: true }))
    const trigger = { isMarket: true, triggerTicks: 940_000, kind: 'sl' } as const
    const waits = oidOf(one.place(BOB, { side: 'sell', priceTicks: 930_000, trigger }))
    const quote = oidOf(one.place(BOB, { side: 'sell', priceTicks: 952_000, sizeLots: 3_000 }))
    const bid = oidOf(one.place(BOB, { priceTicks: 945_000 }))
    one.place(ALICE, { priceTicks: 952_000, sizeLots: 2_500, tif: 'Ioc' })
    expect([quote, bid].map((oid) => one.statusesOf(oid).at(-1))).toEqual(Array(2).fill('scheduledCancel'))
    expect(openOrders(one.exchange, BOB).map(({ oid }) => oid)).toEqual([shrinks, waits])
    // The stop would open a position anew: when its time comes during the freeze, it is refused.
    one.run({ kind: 'oracle', assetId: BTC, oracleTicks: 935_000 })
    one.place(CAROL, { side: 'buy', priceTicks: 934_000, sizeLots: 5_000 })
    one.place(CAROL, { side: 'sell', priceTicks: 936_000, sizeLots: 5_000 })
    one.wait(100)
    expect(one.statusesOf(waits).at(-1)).toBe('rejected')
  })

  test.each([
    ['notional counts both sides', { quantityMaxLots: 0, notionalMaxMicroUsd: 2 * 1_000 * 950_000 }, 2, true],
    [
      'notional is met by its very amount',
      { quantityMaxLots: 0, notionalMaxMicroUsd: 950_000_000 },
      1,
      false,
    ],
    ['delta lets both sides cancel out', { quantityMaxLots: 0, deltaMaxLots: 1_500 }, 5, true],
    ['quantity counts both sides', {}, 3, true],
  ])('%s', (_, limits, count, isSymmetric) => {
    const one = world()
    protect(one, limits)
    let trades = 0
    for (; trades < 5; trades += 1) {
      const side = isSymmetric && trades % 2 === 1 ? 'buy' : 'sell'
      if (one.place(BOB, { side, priceTicks: 950_000 }).kind === 'error') break
      one.place(ALICE, { side: side === 'buy' ? 'sell' : 'buy', tif: 'Ioc' })
    }
    expect(trades).toBe(count)
  })

  test('a window that ended forgets; new limits keep what was counted and a freeze, and none forgets both', () => {
    const one = world()
    protect(one)
    ladder(one, BOB, 950_000)
    sweep(one, 2_000)
    one.wait(1_000)
    sweep(one, 2_000)
    expect(one.fillsOf(BOB).length).toBe(4)
    expect(openOrders(one.exchange, BOB).length).toBe(1)
    protect(one, { quantityMaxLots: 10_000 })
    expect(openOrders(one.exchange, BOB).length).toBe(1)
    protect(one, { quantityMaxLots: 2_500 })
    sweep(one, 500)
    expect(openOrders(one.exchange, BOB)).toEqual([])
    protect(one, { quantityMaxLots: 10_000 })
    expect(one.place(BOB, {}).kind).toBe('error')
    one.run({ kind: 'protect', account: BOB, assetId: BTC, limits: null })
    expect(one.place(BOB, {}).kind).toBe('resting')
  })

  test('a fill against somebody else being liquidated counts, and what liquidates the account itself does not', () => {
    const one = world(1_000)
    protect(one)
    one.place(CAROL, { side: 'sell', sizeLots: 20_000 })
    one.place(ALICE, { sizeLots: 20_000 })
    const bids = [0, 1, 2, 3].map((level) => oidOf(one.place(BOB, { priceTicks: 949_000 - level * 10 })))
    one.run({ kind: 'liquidate', account: ALICE, dexIndex: 0 })
    expect(bids.map((oid) => one.statusesOf(oid).at(-1))).toEqual([
      ...Array<string>(3).fill('filled'),
      'scheduledCancel',
    ])
    reset(one)
    const quote = oidOf(one.place(BOB, { priceTicks: 900_000 }))
    one.place(CAROL, { priceTicks: 948_000, sizeLots: 3_000 })
    one.run({ kind: 'liquidate', account: BOB, dexIndex: 0 })
    expect(one.fillsOf(BOB).slice(3)).toMatchObject([{ crossed: true, sizeLots: 3_000 }])
    expect(one.statusesOf(quote).at(-1)).toBe('liquidatedCanceled')
    expect(one.place(BOB, { priceTicks: 900_000, sizeLots: 100 }).kind).toBe('resting')
  })

  test('a TWAP order meets the freeze as any order does, and stops with the reason', () => {
    const one = world()
    freezeBob(one, { frozenMs: 0 })
    ladder(one, CAROL, 950_000)
    const twap = { side: 'buy', sizeLots: 4_000, reduceOnly: false, minutes: 5, randomize: false } as const
    one.act(BOB, { kind: 'twapOrder', assetId: BTC, ...twap })
    one.wait(31_000)
    const texts = one.events.flatMap((event) => (event.kind === 'twap' ? [event.description] : []))
    expect(texts.at(-1)).toMatch(/^Market maker protection refuses new orders until it is reset/)
    expect(one.exchange.twaps.size).toBe(0)
  })

  test('an order as numbers asks for the freeze too', () => {
    const one = world()
    freezeBob(one)
    const index = one.exchange.accountByAddress.get(BOB)?.index ?? -1
    expect(placeDirect(one.exchange, index, 0, true, 940_000, 1_000, 'Gtc', false)).toBe(0)
    expect(one.exchange.outcome.text).toMatch(HELD_BACK)
    reset(one)
    expect(placeDirect(one.exchange, index, 0, true, 940_000, 1_000, 'Gtc', false)).toBeGreaterThan(0)
  })

  test.each<[ExchangeCommand, string]>([
    [{ kind: 'protect', account: BOB, assetId: 99, limits: LIMITS }, 'Unknown asset 99'],
    [
      { kind: 'protect', account: address('77'), assetId: BTC, limits: LIMITS },
      `User ${address('77')} does not exist: deposit first`,
    ],
    [
      { kind: 'resetProtection', account: BOB, assetId: BTC },
      `${BOB} has no market maker protection in BTC: set its limits first`,
    ],
    ...(
      [
        [{ windowMs: 0 }, 'the window is a whole number of ms from 1 to 86400000, not 0'],
        [{ frozenMs: -1 }, 'the freeze is a whole number of ms from 0 (until a reset) to 86400000, not -1'],
        [{ deltaMaxLots: 0.5 }, 'a limit is whole and at least 0 (none), not 0.5'],
        [{ quantityMaxLots: 0 }, 'at least one of quantity, notional and delta is above 0'],
      ] as const
    ).map(([change, text]): [ExchangeCommand, string] => [
      { kind: 'protect', account: BOB, assetId: BTC, limits: { ...LIMITS, ...change } },
      `Market maker protection: ${text}`,
    ]),
  ])('%j is refused with the reason', (command, text) => {
    const one = world()
    const before = fullStateHash(one.exchange)
    expect(one.run(command)).toEqual({ kind: 'refused', text })
    expect(fullStateHash(one.exchange)).toBe(before)
    expect(one.place(BOB, {}).kind).toBe('resting')
  })
})

/** Plain steps of four accounts near the mark; two of them are protected in different ways. */
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('place' as const),
      account: fc.constantFrom(ALICE, BOB, CAROL, DAVE),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      steps: fc.integer({ min: -3, max: 3 }),
      sizeLots: fc.integer({ min: 100, max: 1_500 }),
      reduceOnly: fc.integer({ min: 0, max: 5 }).map((one) => one === 0),
      tif: fc.constantFrom('Gtc' as const, 'Gtc' as const, 'Alo' as const, 'Ioc' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 600 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'reset' as const }) },
)

/** What the accounts of the law may trade: Bob by quantity in tumbling windows, Carol by delta in sliding ones. */
const BOB_LIMITS: ProtectionLimits = { ...LIMITS, frozenMs: 700 }
const CAROL_LIMITS: ProtectionLimits = {
  ...LIMITS,
  window: 'sliding',
  frozenMs: 300,
  quantityMaxLots: 0,
  deltaMaxLots: 1_200,
}

/** Another way to count: all resting fills of an account so far, walked anew for each question. */
interface Guard {
  readonly account: string
  readonly limits: ProtectionLimits
  counted: { readonly tsMs: number; readonly lots: number; readonly delta: number }[]
  frozenUntilTsMs: number
}

function guardOf(account: string, limits: ProtectionLimits): Guard {
  return { account, limits, counted: [], frozenUntilTsMs: 0 }
}

/** Counts one fill. @returns true when it met the limit */
function counts(guard: Guard, tsMs: number, signedLots: number): boolean {
  const { window, windowMs, quantityMaxLots, deltaMaxLots, frozenMs } = guard.limits
  const startTsMs = guard.counted[0]?.tsMs ?? tsMs
  if (window === 'sliding') guard.counted = guard.counted.filter((old) => old.tsMs > tsMs - windowMs)
  else if (tsMs >= startTsMs + windowMs) guard.counted = []
  const lotsBefore = guard.counted.reduce((sum, one) => sum + one.lots, 0)
  if (quantityMaxLots > 0) expect(lotsBefore).toBeLessThan(quantityMaxLots)
  guard.counted.push({ tsMs, lots: Math.abs(signedLots), delta: signedLots })
  const delta = Math.abs(guard.counted.reduce((sum, one) => sum + one.delta, 0))
  const isMet =
    (quantityMaxLots > 0 && lotsBefore + Math.abs(signedLots) >= quantityMaxLots) ||
    (deltaMaxLots > 0 && delta >= deltaMaxLots)
  if (!isMet) return false
  guard.counted = []
  guard.frozenUntilTsMs = tsMs + frozenMs
  return true
}

/** Every command to bytes of the journal and back, in a new exchange. */
function replayed(commands: readonly ExchangeCommand[], before: (exchange: Exchange) => void): Exchange {
  const exchange = createExchange(SPEC, { startTsMs: START_MS })
  for (const [seq, command] of commands.entries()) {
    before(exchange)
    let sink = initSink(0)
    const record = { kind: 'venueCommand', seq, hashHigh: 0, hashLow: 0, command } as const
    const length = encodeRecord(record, (bytesMax) => (sink = initSink(bytesMax)))
    const source = initSource(Buffer.from(sink.bytes.subarray(0, length)))
    source.at = FRAME_LENGTH_BYTES
    const back = decodeRecord(source, length - FRAME_LENGTH_BYTES)
    if (back.kind !== 'venueCommand') throw new Error('a command comes back as a command')
    apply(exchange, back.command)
  }
  return exchange
}

describe('laws of protection', () => {
  test('orders end and are refused exactly when a second way of counting says so, and a journal replays to the same hashes', () => {
    let metCount = 0
    let refusalCount = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }), (steps) => {
        const one = world()
        protect(one, BOB_LIMITS, BOB)
        protect(one, CAROL_LIMITS, CAROL)
        const guards = [guardOf(BOB, BOB_LIMITS), guardOf(CAROL, CAROL_LIMITS)]
        for (const next of steps) {
          if (next.kind === 'wait') one.wait(next.ms)
          else if (next.kind === 'reset') {
            reset(one)
            Object.assign(guards[0] ?? {}, guardOf(BOB, BOB_LIMITS))
          } else {
            const before = one.events.length
            const { tsMs } = one.exchange
            const { kind: _kind, account, steps: away, ...order } = next
            const guard = guards.find((known) => known.account === account)
            const isHeldBack = !next.reduceOnly && guard !== undefined && tsMs < guard.frozenUntilTsMs
            const answer = one.place(account, { ...order, priceTicks: 950_000 + away * 10 })
            expect(answer.kind === 'error' && HELD_BACK.test(answer.text)).toBe(isHeldBack)
            if (isHeldBack) refusalCount += 1
            const ended = new Set<string>()
            for (const event of one.events.slice(before)) {
              if (event.kind === 'order' && event.status === 'scheduledCancel') {
                expect(event.order.reduceOnly).toBe(false)
                ended.add(event.order.account)
              }
              if (event.kind !== 'fill' || event.crossed) continue
              const maker = guards.find((known) => known.account === event.account)
              if (maker === undefined || tsMs < maker.frozenUntilTsMs) continue
              if (!counts(maker, tsMs, event.side === 'buy' ? event.sizeLots : -event.sizeLots)) continue
              metCount += 1
            }
            for (const { account: protectedOne, frozenUntilTsMs } of guards) {
              const isFrozen = tsMs < frozenUntilTsMs
              if (ended.has(protectedOne)) expect(isFrozen).toBe(true)
              const plain = openOrders(one.exchange, protectedOne).filter(({ reduceOnly }) => !reduceOnly)
              if (isFrozen) expect(plain).toEqual([])
            }
          }
          expect(conservation(one.exchange)).toBe(0)
          expect(netPositionLots(one.exchange, BTC)).toBe(0)
        }
        const plainWay = replayed(one.commands, () => undefined)
        // An account that remembers no market takes the way of the rules.
        const byRules = replayed(one.commands, ({ accounts }) => {
          for (const account of accounts) account.recent = null
        })
        for (const again of [plainWay, byRules]) {
          expect(stateHash(again)).toBe(stateHash(one.exchange))
          expect(fullStateHash(again)).toBe(fullStateHash(one.exchange))
        }
      }),
      { numRuns: 60 },
    )
    expect(metCount).toBeGreaterThan(0)
    expect(refusalCount).toBeGreaterThan(0)
  })

  test('what a protection has counted is part of the full hash', () => {
    const [bare, limited, counted] = [world(), world(), world()]
    protect(limited)
    protect(counted)
    for (const one of [limited, counted]) {
      one.place(BOB, { side: 'sell' })
      sweep(one, 1_000)
    }
    const same = fullStateHash(limited.exchange)
    expect(fullStateHash(counted.exchange)).toBe(same)
    reset(counted)
    expect(fullStateHash(counted.exchange)).not.toBe(same)
    const before = fullStateHash(bare.exchange)
    protect(bare)
    expect(fullStateHash(bare.exchange)).not.toBe(before)
  })
})
