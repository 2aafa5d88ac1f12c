/**
 * The world: the exchange and everybody who trades there, joined on a virtual clock of equal blocks.
 *
 *     block N runs ──> participants see it ──> their commands and those submitted meanwhile ──> block N+1 (or later)
 *
 * In an immediate world a submitted command does not wait: it runs at once in a block of its own, at the time of the last
 * block; participants see what it did with the next one, as before.
 *
 * in      submitted commands, and the time up to which blocks are due; never a clock, never chance
 * out     answers to submitted commands, the events of each block, every applied command in order
 * state   one queue per block of latency; the exchange and the participants own the rest
 * long    because a world's shape, its six doors and the life of a block belong together
 */
import { assert, isWhole } from '../core/assert.ts'
import type { CommandAnswer, ExchangeCommand } from '../exchange/command.ts'
import type { ExchangeEvent } from '../exchange/event.ts'
import { applyInto } from '../exchange/exchange.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { BLOCK_CLASS_COUNT, blockClassOf } from './block-order.ts'
import type { BlockClass } from './block-order.ts'
import { checkParticipants, LATENCY_BLOCKS_MAX } from './participant.ts'
import type { Participant, WorldView } from './participant.ts'

export interface Block {
  readonly tsMs: number
  readonly events: readonly ExchangeEvent[]
}
export type BlockListener = (block: Block) => void
/** @returns whether a participant's command, sent at `tsMs`, arrives; the same answer each time it is asked the same */
export type ParticipantFilter = (command: ExchangeCommand, tsMs: number) => boolean
export type AnswerListener = (answer: CommandAnswer) => void
/** Hears a command just before it is applied; the exchange still stands as it was. */
export type CommandListener = (command: ExchangeCommand, exchange: Exchange) => void

export interface World {
  readonly exchange: Exchange
  /**
   * Time of the last block that ran; this file alone moves it on. No getter: an object whose literal has one keeps all its fields in
   * a table, where each is looked up by name.
   */
  nowTsMs: number
  readonly blockMs: number
  readonly isImmediate: boolean
  readonly participants: readonly Participant[]
  readonly counters: Readonly<WorldCounters>
  /** Owned by this file. */
  readonly inner: WorldInner
}

export interface WorldCounters {
  /** Blocks run. */
  blocks: number
  /** Commands applied, genesis and block commands included. */
  commands: number
  /** Commands of participants that the exchange refused in whole (single order errors are not counted). */
  refusals: number
  /** Calls of `advance` that stopped at their bound with blocks still due. */
  lateAdvances: number
  /** Submitted commands turned away because the next block was full. */
  overflows: number
}

interface Pending {
  readonly command: ExchangeCommand
  readonly blockClass: BlockClass
  readonly onAnswer: AnswerListener | null
}

interface WorldInner {
  readonly counters: WorldCounters
  readonly onCommand: CommandListener | null
  readonly listeners: Set<BlockListener>
  /** A ring: the one at `firstQueue` runs in the next block, the n-th after it n blocks later. */
  readonly queues: Pending[][]
  firstQueue: number
  /** What immediate blocks did since the last block: participants have not seen it yet. */
  unseen: ExchangeEvent[]
  /** Immediate blocks since the last block. */
  ranNowCount: number
  /** While a block runs, what is submitted waits for the next: a listener must not act inside the block it hears of. */
  isRunning: boolean
  readonly lets: ParticipantFilter
  /** Empty between participants. */
  scratch: ExchangeCommand[]
}

export interface WorldOptions {
  readonly exchange: Exchange
  /** Asked in this order after each block. */
  readonly participants: readonly Participant[]
  /** Whole, > 0. */
  readonly blockMs: number
  /** Milliseconds since 1970; the genesis block runs at this time. */
  readonly startTsMs: number
  /** Submitted commands run at once. Default: they wait for the next block. */
  readonly isImmediate?: boolean
  /** Commands of participants for which it is false are lost on the way. Default: all arrive. */
  readonly lets?: ParticipantFilter
  /** Sees each command just before it is applied, in order: applying them to an equal exchange gives an equal one. */
  readonly onCommand?: CommandListener
}

/** One call of `advance` runs at most this many blocks, so that a stalled process does not freeze its event loop. */
export const BLOCKS_PER_ADVANCE_MAX = 200

/** Submitted commands that wait for one block, or that run at once between two. Beyond it they are refused. */
export const SUBMITTED_PER_BLOCK_MAX = 50_000

/** Makes a world and runs its genesis: time, then what each participant brings. */
export function createWorld(options: WorldOptions): World {
  assert(isWhole(options.blockMs) && options.blockMs > 0, 'a block takes a positive whole number of ms')
  assert(isWhole(options.startTsMs) && options.startTsMs >= 0, 'a world starts at a whole number of ms')
  const counters: WorldCounters = { blocks: 0, commands: 0, refusals: 0, lateAdvances: 0, overflows: 0 }
  const inner: WorldInner = {
    counters,
    onCommand: options.onCommand ?? null,
    listeners: new Set(),
    queues: Array.from({ length: LATENCY_BLOCKS_MAX + 1 }, () => []),
    firstQueue: 0,
    unseen: [],
    ranNowCount: 0,
    isRunning: false,
    lets: options.lets ?? (() => true),
    scratch: [],
  }
  const world: World = {
    exchange: options.exchange,
    nowTsMs: options.startTsMs,
    blockMs: options.blockMs,
    isImmediate: options.isImmediate ?? false,
    participants: options.participants,
    counters,
    inner,
  }
  checkParticipants(options.participants)
  runGenesis(world)
  return world
}

/**
 * Puts a command into the next block, or runs it now in an immediate world.
 * @param onAnswer called once, while that block runs; at once with a refusal when `SUBMITTED_PER_BLOCK_MAX` already wait
 */
export function submit(world: World, command: ExchangeCommand, onAnswer: AnswerListener): void {
  assert(command.kind !== 'block', 'time enters a world through `advance` alone')
  const { inner } = world
  const isNow = world.isImmediate && !inner.isRunning
  const queue = queueAt(world, 0)
  if ((isNow ? inner.ranNowCount : queue.length) >= SUBMITTED_PER_BLOCK_MAX) {
    inner.counters.overflows += 1
    onAnswer({ kind: 'refused', text: 'Too many requests wait for the next block. Try again later.' })
    return
  }
  if (isNow) runNow(world, command, onAnswer)
  else queue.push({ command, blockClass: blockClassOf(command), onAnswer })
}

/** Calls the listener after each block, before participants are asked. @returns the way to stop it */
export function onBlock(world: World, listener: BlockListener): () => void {
  world.inner.listeners.add(listener)
  return () => {
    world.inner.listeners.delete(listener)
  }
}

/** Runs every block due up to `tsMs`, at most `BLOCKS_PER_ADVANCE_MAX`; further calls catch up. */
export function advance(world: World, tsMs: number): void {
  let blocks = 0
  while (world.nowTsMs + world.blockMs <= tsMs) {
    if (blocks === BLOCKS_PER_ADVANCE_MAX) {
      world.inner.counters.lateAdvances += 1
      return
    }
    runBlock(world)
    blocks += 1
  }
}

/** Runs every block due up to `tsMs` however many: for runs in virtual time. */
export function runUntil(world: World, tsMs: number): void {
  while (world.nowTsMs + world.blockMs <= tsMs) runBlock(world)
}

/** True once a participant has ended, as a tape does; never in a scenario. */
export function isFinished(world: World): boolean {
  return world.participants.some((participant) => participant.isFinished?.() ?? false)
}

function runGenesis(world: World): void {
  const events: ExchangeEvent[] = []
  applyOne(world, { kind: 'block', tsMs: world.nowTsMs }, events)
  for (const participant of world.participants) {
    for (const command of participant.genesis) {
      const answer = applyOne(world, command, events)
      assert(answer.kind !== 'refused', `the exchange takes what ${participant.name} brings at genesis`)
    }
  }
  askParticipants(world, events)
}

/** A block of one command. Time stands still: the exchange hears of it with the regular blocks. */
function runNow(world: World, command: ExchangeCommand, onAnswer: AnswerListener): void {
  const { inner } = world
  inner.isRunning = true
  inner.ranNowCount += 1
  const events: ExchangeEvent[] = []
  try {
    onAnswer(applyOne(world, command, events))
    if (events.length > 0) tell(world, events)
    for (const event of events) inner.unseen.push(event)
  } finally {
    inner.isRunning = false
  }
}

function tell(world: World, events: readonly ExchangeEvent[]): void {
  const block: Block = { tsMs: world.nowTsMs, events }
  for (const listener of world.inner.listeners) listener(block)
}

function runBlock(world: World): void {
  const { inner } = world
  inner.isRunning = true
  world.nowTsMs += world.blockMs
  const due = queueAt(world, 0)
  if (due.length > 0) inner.queues[inner.firstQueue] = []
  inner.firstQueue = inner.firstQueue === LATENCY_BLOCKS_MAX ? 0 : inner.firstQueue + 1

  const events: ExchangeEvent[] = []
  applyOne(world, { kind: 'block', tsMs: world.nowTsMs }, events)
  let leftCount = due.length
  for (let blockClass = 0; blockClass < BLOCK_CLASS_COUNT && leftCount > 0; blockClass += 1) {
    for (const pending of due) {
      if (pending.blockClass !== blockClass) continue
      leftCount -= 1
      const answer = applyOne(world, pending.command, events)
      if (pending.onAnswer !== null) pending.onAnswer(answer)
      else if (answer.kind === 'refused') inner.counters.refusals += 1
    }
  }
  inner.counters.blocks += 1

  tell(world, events)
  const seen = inner.unseen.length === 0 ? events : [...inner.unseen, ...events]
  inner.unseen = []
  inner.ranNowCount = 0
  askParticipants(world, seen)
  inner.isRunning = false
}

function applyOne(world: World, command: ExchangeCommand, events: ExchangeEvent[]): CommandAnswer {
  const { inner } = world
  inner.onCommand?.(command, world.exchange)
  inner.counters.commands += 1
  return applyInto(world.exchange, command, events)
}

function askParticipants(world: World, events: readonly ExchangeEvent[]): void {
  const { exchange, nowTsMs, blockMs, inner } = world
  const view: WorldView = { exchange, tsMs: nowTsMs, blockMs, events }
  for (const participant of world.participants) {
    const { scratch } = inner
    participant.onBlock(view, scratch)
    if (scratch.length === 0) continue
    // A fresh list for the next one: to empty a list costs more.
    inner.scratch = []
    const queue = queueAt(world, participant.latencyBlocks)
    for (const command of scratch) {
      if (inner.lets(command, nowTsMs)) {
        queue.push({ command, blockClass: blockClassOf(command), onAnswer: null })
      }
    }
  }
}

function queueAt(world: World, latencyBlocks: number): Pending[] {
  const { queues, firstQueue } = world.inner
  const place = firstQueue + latencyBlocks
  const queue = queues[place > LATENCY_BLOCKS_MAX ? place - LATENCY_BLOCKS_MAX - 1 : place]
  assert(queue !== undefined, 'there is a queue for each block of latency')
  return queue
}
