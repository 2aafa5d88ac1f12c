/** The world: order inside blocks, latency, bounds, determinism. */
import { describe, expect, test } from 'vitest'
import type { CommandAnswer, ExchangeCommand } from '../../src/exchange/command.ts'
import type { ExchangeEvent } from '../../src/exchange/event.ts'
import { apply, conservation, createExchange, stateHash } from '../../src/exchange/exchange.ts'
import { touch } from '../../src/exchange/queries/book.ts'
import { toCommand } from '../../src/simulation/agent-account.ts'
import { buildWorld } from '../../src/simulation/default-market.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { LATENCY_BLOCKS_MAX } from '../../src/simulation/participant.ts'
import type { Participant } from '../../src/simulation/participant.ts'
import {
  advance,
  BLOCKS_PER_ADVANCE_MAX,
  createWorld,
  isFinished,
  onBlock,
  runUntil,
  submit,
  SUBMITTED_PER_BLOCK_MAX,
} from '../../src/simulation/world.ts'
import type { World } from '../../src/simulation/world.ts'
import { depositing, instrumentOf, orderOf, placing, scripted, START_TS_MS } from './support.ts'

const BTC = instrumentOf('BTC').assetId
const BLOCK_MS = 70
const ALICE = '0x00000000000000000000000000000000000a11ce'

function worldOf(
  participants: readonly Participant[],
  onCommand: (command: ExchangeCommand) => void = () => undefined,
): World {
  const exchange = createExchange(defaultVenue(), { startTsMs: START_TS_MS })
  return createWorld({ exchange, participants, blockMs: BLOCK_MS, startTsMs: START_TS_MS, onCommand })
}

/** What a command is about, in a word. */
function wordOf(command: ExchangeCommand): string {
  if (command.kind !== 'action') return command.kind
  const { action } = command
  if (action.kind === 'order') return action.orders.map(({ tif }) => tif).join('+')
  if (action.kind === 'modify') return `modify ${action.modifies.map(({ order }) => order.tif).join('+')}`
  return action.kind
}

describe('inside a block', () => {
  const buy = (priceTicks: number): Parameters<typeof orderOf>[0] => ({
    assetId: BTC,
    side: 'buy',
    priceTicks,
    sizeLots: 1000,
  })

  test('facts come first, then what cannot take, then cancels, then takers, each in order of arrival', () => {
    const words: string[] = []
    const world = worldOf([], (command) => words.push(wordOf(command)))
    const gtc = orderOf(buy(590_000), 'Gtc')
    const alo = orderOf(buy(590_000))
    const arrivals: ExchangeCommand[] = [
      placing(ALICE, orderOf(buy(590_000), 'Ioc')),
      toCommand(ALICE, { kind: 'cancel', cancels: [{ assetId: BTC, ref: { oid: 77 } }] }),
      placing(ALICE, alo, gtc),
      toCommand(ALICE, { kind: 'modify', modifies: [{ ref: { oid: 77 }, order: gtc }], always: false }),
      placing(ALICE, alo, alo),
      toCommand(ALICE, { kind: 'modify', modifies: [{ ref: { oid: 77 }, order: alo }], always: false }),
      toCommand(ALICE, { kind: 'updateLeverage', assetId: BTC, isCross: true, leverage: 10 }),
      placing(ALICE, orderOf(buy(590_000), 'FrontendMarket')),
      { kind: 'oracle', assetId: BTC, oracleTicks: 600_100 },
      depositing(ALICE),
    ]
    words.length = 0
    for (const command of arrivals) submit(world, command, () => undefined)
    runUntil(world, START_TS_MS + BLOCK_MS)
    expect(words).toEqual([
      'block',
      'oracle',
      'deposit',
      'Alo+Alo',
      'modify Alo',
      'updateLeverage',
      'cancel',
      'Ioc',
      'Alo+Gtc',
      'modify Gtc',
      'FrontendMarket',
    ])
  })

  test('participants and submitted commands share one queue', () => {
    const words: string[] = []
    const bob = scripted('bob', (account) => ({
      1: [
        placing(account, orderOf(buy(580_000), 'Ioc')),
        placing(account, orderOf({ ...buy(590_000), side: 'sell' }, 'Ioc')),
        placing(account, orderOf(buy(570_000))),
      ],
    }))
    const world = worldOf([bob], (command) => words.push(wordOf(command)))
    runUntil(world, START_TS_MS + BLOCK_MS)
    submit(world, depositing(ALICE), () => undefined)
    submit(world, placing(ALICE, orderOf(buy(595_000))), () => undefined)
    submit(world, placing(ALICE, orderOf(buy(594_000), 'Gtc')), () => undefined)
    words.length = 0
    const events: ExchangeEvent[] = []
    onBlock(world, (block) => events.push(...block.events))
    runUntil(world, START_TS_MS + 2 * BLOCK_MS)
    expect(words).toEqual(['block', 'deposit', 'Alo', 'Alo', 'Ioc', 'Ioc', 'Gtc'])
    // Bob's sell came before Alice's Gtc bid, but after her post-only one.
    const trades = events.filter((event) => event.kind === 'trade')
    expect(trades).toMatchObject([{ priceTicks: 595_000, buyer: ALICE, seller: bob.account }])
    expect(touch(world.exchange, BTC).bidTicks).toBe(594_000)
  })

  test('an answer comes once, while its block runs, and before the listeners of that block', () => {
    const log: string[] = []
    const world = worldOf([])
    onBlock(world, (block) => log.push(`block ${block.tsMs - START_TS_MS}`))
    submit(world, depositing(ALICE), (answer) => {
      log.push(answer.kind)
      // Sent from inside a block: it belongs to the next one.
      submit(world, placing(ALICE, orderOf(buy(590_000))), (next) => log.push(next.kind))
    })
    expect(log).toEqual([])
    runUntil(world, START_TS_MS + 3 * BLOCK_MS)
    expect(log).toEqual(['done', 'block 70', 'orders', 'block 140', 'block 210'])
  })
})

describe('time', () => {
  test('no block runs before it is due, and each has its own time', () => {
    const world = worldOf([])
    const times: number[] = []
    const stop = onBlock(world, (block) => times.push(block.tsMs - START_TS_MS))
    advance(world, START_TS_MS + BLOCK_MS - 1)
    expect(times).toEqual([])
    advance(world, START_TS_MS + 2 * BLOCK_MS + 5)
    expect(times).toEqual([70, 140])
    expect(world.nowTsMs).toBe(START_TS_MS + 140)
    stop()
    advance(world, START_TS_MS + 3 * BLOCK_MS)
    expect(times).toEqual([70, 140])
  })

  test('one call runs a bounded number of blocks and says that it was behind; later calls catch up', () => {
    const world = worldOf([])
    const untilTsMs = START_TS_MS + (BLOCKS_PER_ADVANCE_MAX + 3) * BLOCK_MS
    advance(world, untilTsMs)
    expect(world.counters).toMatchObject({ blocks: BLOCKS_PER_ADVANCE_MAX, lateAdvances: 1 })
    advance(world, untilTsMs)
    expect(world.counters).toMatchObject({ blocks: BLOCKS_PER_ADVANCE_MAX + 3, lateAdvances: 1 })
  })

  test.each([0, 1, 5, LATENCY_BLOCKS_MAX])('a latency of %i blocks is kept', (latencyBlocks) => {
    const bid = orderOf({ assetId: BTC, side: 'buy', priceTicks: 590_000, sizeLots: 1000 })
    const bob = scripted('bob', (account) => ({ 2: [placing(account, bid)] }), { latencyBlocks })
    const world = worldOf([bob])
    runUntil(world, START_TS_MS + (2 + latencyBlocks) * BLOCK_MS)
    expect(touch(world.exchange, BTC).bidTicks).toBe(0)
    runUntil(world, START_TS_MS + (3 + latencyBlocks) * BLOCK_MS)
    expect(touch(world.exchange, BTC).bidTicks).toBe(590_000)
  })

  test('a world without a source that ends is never finished', () => {
    const world = worldOf([scripted('bob', () => ({}))])
    runUntil(world, START_TS_MS + 1000)
    expect(isFinished(world)).toBe(false)
  })
})

describe('bounds', () => {
  test('a full block turns commands away with a refusal', () => {
    const world = worldOf([])
    const noop = toCommand(ALICE, { kind: 'noop' })
    const answers: CommandAnswer[] = []
    for (let count = 0; count < SUBMITTED_PER_BLOCK_MAX; count += 1) submit(world, noop, () => undefined)
    submit(world, noop, (answer) => answers.push(answer))
    expect(answers).toMatchObject([{ kind: 'refused' }])
    expect(world.counters.overflows).toBe(1)
    runUntil(world, START_TS_MS + BLOCK_MS)
    submit(world, depositing(ALICE), (answer) => answers.push(answer))
    runUntil(world, START_TS_MS + 2 * BLOCK_MS)
    expect(answers[1]).toEqual({ kind: 'done' })
  })

  test('time cannot be submitted, names are unique, latency is bounded', () => {
    const world = worldOf([])
    expect(() => submit(world, { kind: 'block', tsMs: START_TS_MS }, () => undefined)).toThrow('advance')
    expect(() => worldOf([scripted('bob', () => ({})), scripted('bob', () => ({}))])).toThrow(
      'bob comes twice',
    )
    const late = scripted('late', () => ({}), { latencyBlocks: LATENCY_BLOCKS_MAX + 1 })
    expect(() => worldOf([late])).toThrow('the latency of late')
  })
})

describe('determinism', () => {
  function run(seed: number): { hash: string; events: string; commands: ExchangeCommand[]; world: World } {
    const commands: ExchangeCommand[] = []
    const world = buildWorld({
      spec: defaultVenue(),
      seed,
      blockMs: 100,
      startTsMs: START_TS_MS,
      markets: ['hyna:BTC', 'BTC'],
      onCommand: (command) => commands.push(command),
    })
    const events: ExchangeEvent[] = []
    onBlock(world, (block) => events.push(...block.events))
    runUntil(world, START_TS_MS + 60_000)
    return { hash: stateHash(world.exchange), events: JSON.stringify(events), commands, world }
  }

  test('the same seed gives the same events and the same exchange, another seed another', () => {
    const first = run(7)
    const again = run(7)
    expect(again.hash).toBe(first.hash)
    expect(again.events).toBe(first.events)
    expect(first.events.length).toBeGreaterThan(100_000)
    const other = run(8)
    expect(other.hash).not.toBe(first.hash)
    expect(other.events).not.toBe(first.events)
  })

  test('the recorded commands alone rebuild the exchange', () => {
    const { hash, commands, world } = run(9)
    const rebuilt = createExchange(defaultVenue(), { startTsMs: START_TS_MS })
    for (const command of commands) apply(rebuilt, command)
    expect(stateHash(rebuilt)).toBe(hash)
    expect(commands).toHaveLength(world.counters.commands)
    expect(conservation(rebuilt)).toBe(0)
  })

  test('a participant that does nothing changes nobody else', () => {
    const trades = (extra: readonly Participant[]): string => {
      const world = buildWorld({
        spec: defaultVenue(),
        seed: 7,
        blockMs: 100,
        startTsMs: START_TS_MS,
        markets: ['BTC'],
        extra,
      })
      const seen: ExchangeEvent[] = []
      onBlock(world, (block) => seen.push(...block.events.filter((event) => event.kind === 'trade')))
      runUntil(world, START_TS_MS + 30_000)
      return JSON.stringify(seen)
    }
    expect(trades([scripted('idle', () => ({}))])).toBe(trades([]))
  })
})

describe('an immediate world', () => {
  const buy = (priceTicks: number): Parameters<typeof orderOf>[0] => ({
    assetId: BTC,
    side: 'buy',
    priceTicks,
    sizeLots: 1000,
  })
  const bank = (): Participant => ({ ...scripted('bank', () => ({})), genesis: [depositing(ALICE)] })
  const immediateOf = (of: { participants?: readonly Participant[]; log?: ExchangeCommand[] }): World =>
    createWorld({
      exchange: createExchange(defaultVenue(), { startTsMs: START_TS_MS }),
      participants: of.participants ?? [bank()],
      blockMs: BLOCK_MS,
      startTsMs: START_TS_MS,
      isImmediate: true,
      onCommand: (command) => of.log?.push(command),
    })

  test('answers a submitted command before submit returns, with its events, and time stands still', () => {
    const world = immediateOf({})
    const blocks: { tsMs: number; kinds: string[] }[] = []
    onBlock(world, (block) => blocks.push({ tsMs: block.tsMs, kinds: block.events.map(({ kind }) => kind) }))
    const answers: CommandAnswer[] = []
    submit(world, placing(ALICE, orderOf(buy(590_000))), (answer) => answers.push(answer))
    expect(answers).toMatchObject([{ kind: 'orders', answers: [{ kind: 'resting' }] }])
    expect(blocks).toEqual([{ tsMs: START_TS_MS, kinds: ['order'] }])
    expect(world.nowTsMs).toBe(START_TS_MS)
    expect(world.counters.blocks).toBe(0)
  })

  test('shows participants what happened between two blocks, once and in order', () => {
    const seen: string[][] = []
    const watcher: Participant = {
      ...bank(),
      onBlock: ({ events }) =>
        seen.push(events.flatMap((event) => (event.kind === 'order' ? [event.status] : []))),
    }
    const world = immediateOf({ participants: [watcher] })
    submit(world, placing(ALICE, orderOf(buy(590_000))), () => undefined)
    submit(world, placing(ALICE, orderOf(buy(580_000))), () => undefined)
    expect(seen).toEqual([[]])
    advance(world, START_TS_MS + 2 * BLOCK_MS)
    expect(seen).toEqual([[], ['open', 'open'], []])
  })

  test('a command submitted from inside a block waits for the next one, so that no listener acts inside what it hears of', () => {
    const world = immediateOf({})
    const answers: string[] = []
    let hasSubmitted = false
    onBlock(world, () => {
      if (hasSubmitted) return
      hasSubmitted = true
      submit(world, placing(ALICE, orderOf(buy(580_000))), () => answers.push('second'))
    })
    submit(world, placing(ALICE, orderOf(buy(590_000))), () => answers.push('first'))
    expect(answers).toEqual(['first'])
    advance(world, START_TS_MS + BLOCK_MS)
    expect(answers).toEqual(['first', 'second'])
  })

  test('refuses what comes beyond the bound between two blocks, and takes commands again after the next', () => {
    const world = immediateOf({})
    const noop: ExchangeCommand = { kind: 'deposit', account: ALICE, dexIndex: 0, amountMicroUsd: 1 }
    let refused = 0
    const count = (answer: CommandAnswer): void => {
      if (answer.kind === 'refused') refused += 1
    }
    for (let index = 0; index <= SUBMITTED_PER_BLOCK_MAX; index += 1) submit(world, noop, count)
    expect(refused).toBe(1)
    expect(world.counters.overflows).toBe(1)
    advance(world, START_TS_MS + BLOCK_MS)
    submit(world, noop, count)
    expect(refused).toBe(1)
  })

  test('is replayed by its commands to the same state', () => {
    const log: ExchangeCommand[] = []
    const spec = defaultVenue()
    const world = buildWorld({
      spec,
      seed: 5,
      blockMs: 100,
      startTsMs: START_TS_MS,
      markets: ['BTC'],
      isImmediate: true,
      onCommand: (command) => log.push(command),
    })
    submit(world, { kind: 'deposit', account: ALICE, dexIndex: 0, amountMicroUsd: 1e12 }, () => undefined)
    for (let tsMs = START_TS_MS; tsMs < START_TS_MS + 5_000; tsMs += 330) {
      advance(world, tsMs)
      submit(world, placing(ALICE, orderOf(buy(590_000 + (tsMs % 7) * 10))), () => undefined)
    }
    const again = createExchange(spec, { startTsMs: START_TS_MS })
    for (const command of log) apply(again, command)
    expect(log.length).toBeGreaterThan(100)
    expect(stateHash(again)).toBe(stateHash(world.exchange))
    expect(conservation(world.exchange)).toEqual(conservation(again))
  })
})

test('commands of participants that are not let through never reach the exchange', () => {
  const kinds = (lets?: (command: ExchangeCommand, tsMs: number) => boolean): string[] => {
    const seen: string[] = []
    const world = buildWorld({
      spec: defaultVenue(),
      seed: 5,
      blockMs: 100,
      startTsMs: START_TS_MS,
      markets: ['BTC'],
      onCommand: ({ kind }) => seen.push(kind),
      ...(lets === undefined ? {} : { lets }),
    })
    runUntil(world, START_TS_MS + 7_000)
    return seen
  }
  const all = kinds().filter((kind) => kind === 'oracle').length
  const late = kinds((command, tsMs) => command.kind !== 'oracle' || tsMs < START_TS_MS + 3_500)
  expect(late.filter((kind) => kind === 'oracle').length).toBeGreaterThan(0)
  expect(late.filter((kind) => kind === 'oracle').length).toBeLessThan(all)
})

test('a gap that is added to a scenario moves the price there and nowhere else', () => {
  const oracleAfter = (gaps: readonly { atSec: number; bps: number }[]): number => {
    const spec = defaultVenue()
    const world = buildWorld({
      spec,
      seed: 5,
      blockMs: 100,
      startTsMs: START_TS_MS,
      markets: ['BTC'],
      gaps,
    })
    runUntil(world, START_TS_MS + 10_000)
    return world.exchange.marketByAssetId.get(BTC)?.oracleTicks ?? 0
  }
  const plain = oracleAfter([])
  expect(oracleAfter([{ atSec: 4, bps: 200 }]) / plain).toBeCloseTo(1.02, 4)
  expect(oracleAfter([{ atSec: 40, bps: 200 }])).toBe(plain)
})
