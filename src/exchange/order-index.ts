/**
 * Live orders as records of numbers, and the way from an order id to its record.
 *
 * state   one slot per live order (resting, or waiting for its trigger); grows by doubling.
 *         A record is 64 bytes, so an order is a line or two of the cache, seen as doubles and as 32-bit words:
 *           doubles  0 id, of a free slot 0 · 1 price · 2 lots asked for · 3 lots that remain · 4 time placed
 *           words    10 rank of the price · 11 flags · 12 owner · 13 place in its level · 14 place among its owner's
 *                    15 of a free spare slot: the next free one
 *         Queues are beside the records: see order-queue.ts
 *         slot 0 is never live: an event about an order without a slot (a refusal, a taker) is written there and read there
 * ids     are given in ascending order, and the last bits of an id are its slot, called its home. A table from ids to slots
 *         would be one more line of memory to wait for, cold where many orders rest. An order whose home is still taken by
 *         an older one gets one of the spare slots behind the homes, and a map tells which. There are at least four homes
 *         and one spare slot for each live order
 */
import { assert } from '../core/assert.ts'
import type { OrderTif, TriggerSpec } from './command.ts'
import {
  createOrderQueues,
  firstQueued,
  nextQueued,
  previousQueued,
  type OrderQueues,
} from './order-queue.ts'

export const NO_SLOT = -1
/** The slot from which orders without one are told. */
export const UNPLACED = 0
export const FLAG_BUY = 1
export const FLAG_REDUCE_ONLY = 2
/** Waits for its trigger (or its parent): not in the book. */
export const FLAG_WAITING = 4
/** Has a client id or a trigger, beside the record. */
export const FLAG_NAMED = 8
export const TIF_SHIFT = 4
/** Others wait for it to fill: `children` tells which. */
export const FLAG_PARENT = 64

export const FIELD_OID = 0
export const FIELD_PRICE_TICKS = 1
export const FIELD_ORIGINAL_LOTS = 2
export const FIELD_REMAINING_LOTS = 3
export const FIELD_PLACED_TS_MS = 4
export const WORD_RANK = 10
export const WORD_FLAGS = 11
export const WORD_OWNER = 12
export const WORD_PLACE = 13
export const WORD_OWN_PLACE = 14

// Constants of this file alone are folded into the machine code; exported ones are looked up at every use.
const FLAGS: typeof WORD_FLAGS = 11
const OWNER: typeof WORD_OWNER = 12
const PLACE: typeof WORD_PLACE = 13
const OWN_PLACE: typeof WORD_OWN_PLACE = 14
const FREE_NEXT = 15
const NAMED: typeof FLAG_NAMED = 8
const PARENT: typeof FLAG_PARENT = 64
const NONE: typeof NO_SLOT = -1
/** Homes for each live order at least: fewer are met by old ones more often, more are more memory. */
const HOME_SHARE = 4
const HOMES_START = 256
const RECORD_BYTES = 64
/** Large buffers begin sixteen bytes into a page, so from here on a record is one line of the cache. Only speed hangs on it. */
const LINE_BYTES = 64
const LINE_OFFSET = 48
export const TIFS: readonly OrderTif[] = ['Gtc', 'Ioc', 'Alo', 'FrontendMarket']

/** Place in `TIFS`; by comparison, which is cheaper than a search. */
export function tifCode(tif: OrderTif): number {
  return tif === 'Gtc' ? 0 : tif === 'Ioc' ? 1 : tif === 'Alo' ? 2 : 3
}

/** What a trigger order carries beyond a plain one. */
export interface TriggerState {
  readonly spec: TriggerSpec
  /** Children of one parent or one position: when one fires, the others end. Null: alone. */
  readonly group: TriggerGroup | null
  /** False until the parent filled. */
  armed: boolean
}

export interface TriggerGroup {
  readonly oids: number[]
  /** Sized and ended with the position. */
  readonly followsPosition: boolean
}

/** @typeParam H what an order belongs to; named by state.ts, so that this file needs nothing above it */
export interface OrderPool<H> {
  capacity: number
  live: number
  /** Slots below this are homes; a power of two. */
  homeCount: number
  /** Of the spare slots; UNPLACED when every one is taken. */
  freeHead: number
  /** Eight doubles a slot, and the same memory as sixteen words a slot. */
  records: Float64Array
  words: Int32Array
  /** Those of all levels and of all owners. */
  readonly queues: OrderQueues
  /** Whom orders belong to, oldest first; a record names its owner's place. */
  readonly owners: H[]
  /** The ends of the queue of each owner's orders, two words each. */
  ownEnds: Int32Array
  readonly cloid: (string | null)[]
  readonly trigger: (TriggerState | null)[]
  /** The group that waits for this order to fill. */
  readonly children: (TriggerGroup | null)[]
  /** Slot by id of all that are not at home. */
  readonly besides: Map<number, number>
}

export function createOrderPool<H>(): OrderPool<H> {
  const pool: OrderPool<H> = {
    capacity: 1,
    live: 0,
    homeCount: HOMES_START / 2,
    freeHead: UNPLACED,
    records: new Float64Array(8),
    words: new Int32Array(0),
    queues: createOrderQueues(),
    owners: [],
    ownEnds: new Int32Array(32),
    cloid: [null],
    trigger: [null],
    children: [null],
    besides: new Map(),
  }
  grow(pool)
  return pool
}

/** Twice as many homes, all that were slots among them. Orders stay where they are, and half of them are not at home any more. */
function grow(pool: OrderPool<unknown>): void {
  const { capacity: before, besides } = pool
  const homeCount = pool.homeCount * 2
  const capacity = homeCount + homeCount / HOME_SHARE
  const buffer = new ArrayBuffer(capacity * RECORD_BYTES + LINE_BYTES)
  const records = new Float64Array(buffer, LINE_OFFSET, capacity * 8)
  records.set(pool.records)
  pool.records = records
  pool.words = new Int32Array(buffer, LINE_OFFSET, capacity * 16)
  pool.homeCount = homeCount
  pool.capacity = capacity
  besides.clear()
  for (let slot = 1; slot < before; slot += 1) {
    const oid = records[slot << 3]!
    if (oid !== 0 && (oid & (homeCount - 1)) !== slot) besides.set(oid, slot)
  }
  pool.freeHead = UNPLACED
  // The free list runs upwards through the spare slots, so they are taken in the same order in every run.
  for (let slot = capacity - 1; slot >= homeCount; slot -= 1) {
    pool.words[slot * 16 + FREE_NEXT] = pool.freeHead
    pool.freeHead = slot
  }
  for (let slot = before; slot < capacity; slot += 1) {
    pool.cloid.push(null)
    pool.trigger.push(null)
    pool.children.push(null)
  }
}

/** Takes a slot for this id. The caller fills the other fields. */
export function takeSlot(pool: OrderPool<unknown>, oid: number): number {
  if (pool.live * HOME_SHARE >= pool.homeCount) grow(pool)
  let slot = oid & (pool.homeCount - 1)
  if (slot === 0 || pool.records[slot << 3] !== 0) slot = takeSpare(pool, oid)
  pool.records[slot << 3] = oid
  pool.live += 1
  return slot
}

function takeSpare(pool: OrderPool<unknown>, oid: number): number {
  const slot = pool.freeHead
  assert(slot !== UNPLACED, 'there is a spare slot for every live order')
  pool.freeHead = pool.words[(slot << 4) | FREE_NEXT]!
  pool.besides.set(oid, slot)
  return slot
}

/** @param oid any number at all @returns the slot of a live order, or NO_SLOT */
export function slotOfOid(pool: OrderPool<unknown>, oid: number): number {
  const slot = oid & (pool.homeCount - 1)
  // The comparison also finds numbers that are no ids.
  if (pool.records[slot << 3] === oid && slot !== 0) return slot
  return pool.besides.size === 0 ? NONE : (pool.besides.get(oid) ?? NONE)
}

export function releaseSlot(pool: OrderPool<unknown>, slot: number): void {
  const { records } = pool
  const oid = records[slot << 3]!
  records[slot << 3] = 0
  pool.live -= 1
  if (slot !== (oid & (pool.homeCount - 1))) releaseSpare(pool, slot, oid)
  const flags = pool.words[(slot << 4) | FLAGS]!
  if ((flags & (NAMED | PARENT)) === 0) return
  pool.cloid[slot] = null
  pool.trigger[slot] = null
  pool.children[slot] = null
}

/** What is beyond `records` and `live` when a slot that is not its order's home becomes free. */
export function releaseSpare(pool: OrderPool<unknown>, slot: number, oid: number): void {
  assert(pool.besides.delete(oid), 'a released slot belongs to its order id')
  // A spare slot from before the homes were doubled is one of them now.
  if (slot < pool.homeCount) return
  pool.words[(slot << 4) | FREE_NEXT] = pool.freeHead
  pool.freeHead = slot
}

/** The owner of an order, live or just ended. */
export function ownerOf<H>(pool: OrderPool<H>, slot: number): H {
  return pool.owners[pool.words[(slot << 4) | OWNER]!]!
}

/** The group that waits for this order to fill, or null. */
export function childrenOf(pool: OrderPool<unknown>, slot: number): TriggerGroup | null {
  return (pool.words[(slot << 4) | FLAGS]! & PARENT) === 0 ? null : pool.children[slot]!
}

export function setChildren(pool: OrderPool<unknown>, slot: number, group: TriggerGroup): void {
  pool.words[(slot << 4) | FLAGS]! |= PARENT
  pool.children[slot] = group
}

/** The client id of an order, or null. */
export function cloidOf(pool: OrderPool<unknown>, slot: number): string | null {
  return (pool.words[(slot << 4) | FLAGS]! & NAMED) === 0 ? null : pool.cloid[slot]!
}

export function oidOf(pool: OrderPool<unknown>, slot: number): number {
  return pool.records[(slot << 3) | FIELD_OID]!
}

export function remainingOf(pool: OrderPool<unknown>, slot: number): number {
  return pool.records[(slot << 3) | FIELD_REMAINING_LOTS]!
}

export function priceOf(pool: OrderPool<unknown>, slot: number): number {
  return pool.records[(slot << 3) | FIELD_PRICE_TICKS]!
}

export function flagsOf(pool: OrderPool<unknown>, slot: number): number {
  return pool.words[(slot << 4) | FLAGS]!
}

/** Enters someone to whom orders will belong. @returns the place that records name */
export function addOwner<H>(pool: OrderPool<H>, owner: H): number {
  const index = pool.owners.length
  pool.owners.push(owner)
  if (index * 2 >= pool.ownEnds.length) {
    const ends = new Int32Array(pool.ownEnds.length * 2)
    ends.set(pool.ownEnds)
    pool.ownEnds = ends
  }
  return index
}

/** The order behind this one in its level, or NO_SLOT. */
export function nextInLevel(pool: OrderPool<unknown>, slot: number): number {
  return nextQueued(pool.queues, pool.words[(slot << 4) | PLACE]!)
}

/** The order before this one in its level, or NO_SLOT. */
export function previousInLevel(pool: OrderPool<unknown>, slot: number): number {
  return previousQueued(pool.queues, pool.words[(slot << 4) | PLACE]!)
}

/** The oldest order of an owner, or NO_SLOT. */
export function firstOwn(pool: OrderPool<unknown>, ownerIndex: number): number {
  return firstQueued(pool.queues, pool.ownEnds, ownerIndex << 1)
}

/** The ids of an owner's orders, oldest first: for who ends some of them, which may end others. */
export function ownOids(pool: OrderPool<unknown>, ownerIndex: number): number[] {
  const oids: number[] = []
  for (let slot = firstOwn(pool, ownerIndex); slot !== NONE; slot = nextOwn(pool, slot)) {
    oids.push(oidOf(pool, slot))
  }
  return oids
}

/** The owner's next younger order in the market, or NO_SLOT. */
export function nextOwn(pool: OrderPool<unknown>, slot: number): number {
  return nextQueued(pool.queues, pool.words[(slot << 4) | OWN_PLACE]!)
}
