/**
 * Live orders as records of numbers, and the way from an order id to its record.
 *
 * state   one slot per live order (resting, or waiting for its trigger), reused through a free list; grows by doubling.
 *         A record is 64 bytes, so an order is a line or two of the cache, seen as doubles and as 32-bit words:
 *           doubles  0 id · 1 price · 2 lots asked for · 3 lots that remain · 4 time placed
 *           words    10 rank of the price · 11 flags · 12 owner
 *         and its links are four words apart from it: 0 next, 1 previous in its level · 2 next, 3 previous of its owner.
 *         Who leaves a queue touches its neighbours' links only, and those of a deep queue still fit the cache
 *         slot 0 is never live: what has no slot (a refusal, a taker) is told from there
 * ids     given in ascending order, so the id → slot table is flat rows of 4096, reused once all their orders ended
 */
import { assert } from '../core/assert.ts'
import type { OrderTif, TriggerSpec } from './command.ts'

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
export const LINK_NEXT = 0
export const LINK_PREVIOUS = 1
export const LINK_OWN_NEXT = 2
export const LINK_OWN_PREVIOUS = 3

// Constants of this file alone are folded into the machine code; exported ones are looked up at every use.
const FLAGS: typeof WORD_FLAGS = 11
const OWNER: typeof WORD_OWNER = 12
const NAMED: typeof FLAG_NAMED = 8
const PARENT: typeof FLAG_PARENT = 64
const NONE: typeof NO_SLOT = -1
const ROW_BITS = 12
const ROW_SIZE = 1 << ROW_BITS
const ROW_SHARE = 1 / ROW_SIZE
const CAPACITY_START = 256
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
  /** UNPLACED when every slot is taken. */
  freeHead: number
  /** Eight doubles a slot, and the same memory as sixteen words a slot. */
  records: Float64Array
  words: Int32Array
  /** Four words a slot. A free slot's first one is the next free slot. */
  links: Int32Array
  /** Whom orders belong to, oldest first; a record names its owner's place. */
  readonly owners: H[]
  readonly cloid: (string | null)[]
  readonly trigger: (TriggerState | null)[]
  /** The group that waits for this order to fill. */
  readonly children: (TriggerGroup | null)[]
  /** Id / 4096 → row, or −1; the rows; how many orders of each live; rows to be used again. */
  rowOf: Int32Array
  rows: Int32Array
  readonly rowLive: number[]
  readonly freeRows: number[]
}

export function createOrderPool<H>(): OrderPool<H> {
  const pool: OrderPool<H> = {
    capacity: 1,
    live: 0,
    freeHead: UNPLACED,
    records: new Float64Array(8),
    words: new Int32Array(0),
    links: new Int32Array(0),
    owners: [],
    cloid: [null],
    trigger: [null],
    children: [null],
    rowOf: new Int32Array(64).fill(NO_SLOT),
    rows: new Int32Array(0),
    rowLive: [],
    freeRows: [],
  }
  grow(pool, CAPACITY_START)
  return pool
}

function grow(pool: OrderPool<unknown>, capacity: number): void {
  const buffer = new ArrayBuffer(capacity * RECORD_BYTES + LINE_BYTES)
  const records = new Float64Array(buffer, LINE_OFFSET, capacity * 8)
  records.set(pool.records)
  pool.records = records
  pool.words = new Int32Array(buffer, LINE_OFFSET, capacity * 16)
  const links = new Int32Array(capacity * 4)
  links.set(pool.links)
  pool.links = links
  // The free list runs upwards through the new slots, so slots are taken in the same order in every run.
  for (let slot = capacity - 1; slot >= pool.capacity; slot -= 1) {
    links[slot * 4] = pool.freeHead
    pool.freeHead = slot
  }
  for (let slot = pool.capacity; slot < capacity; slot += 1) {
    pool.cloid.push(null)
    pool.trigger.push(null)
    pool.children.push(null)
  }
  pool.capacity = capacity
}

/** Takes a slot for this id. The caller fills the other fields. */
export function takeSlot(pool: OrderPool<unknown>, oid: number): number {
  if (pool.freeHead === 0) grow(pool, pool.capacity * 2)
  const slot = pool.freeHead
  pool.freeHead = pool.links[slot << 2]!
  pool.live += 1
  pool.records[slot << 3] = oid
  const group = (oid * ROW_SHARE) | 0
  let row = group < pool.rowOf.length ? pool.rowOf[group]! : NONE
  if (row === NONE) row = addRow(pool, group)
  pool.rows[(row << ROW_BITS) | (oid & (ROW_SIZE - 1))] = slot
  pool.rowLive[row]! += 1
  return slot
}

function addRow(pool: OrderPool<unknown>, group: number): number {
  if (group >= pool.rowOf.length) {
    const rowOf = new Int32Array(Math.max(group + 1, pool.rowOf.length * 2)).fill(NONE)
    rowOf.set(pool.rowOf)
    pool.rowOf = rowOf
  }
  let row = pool.freeRows.pop()
  if (row === undefined) {
    row = pool.rowLive.length
    pool.rowLive.push(0)
    if ((row + 1) * ROW_SIZE > pool.rows.length) {
      const rows = new Int32Array(Math.max(1, row * 2) * ROW_SIZE).fill(NONE)
      rows.set(pool.rows)
      pool.rows = rows
    }
  }
  pool.rowOf[group] = row
  return row
}

/** @param oid any number at all @returns the slot of a live order, or NO_SLOT */
export function slotOfOid(pool: OrderPool<unknown>, oid: number): number {
  const group = (oid * ROW_SHARE) | 0
  if (!(group >= 0 && group < pool.rowOf.length)) return NONE
  const row = pool.rowOf[group]!
  if (row === NONE) return NONE
  const slot = pool.rows[(row << ROW_BITS) | (oid & (ROW_SIZE - 1))]!
  // Numbers that are no ids are cut down to some id on the way, which this comparison finds.
  return slot !== NONE && pool.records[slot << 3] === oid ? slot : NONE
}

export function releaseSlot(pool: OrderPool<unknown>, slot: number): void {
  const oid = pool.records[slot << 3]!
  const group = (oid * ROW_SHARE) | 0
  const row = pool.rowOf[group]!
  const place = (row << ROW_BITS) | (oid & (ROW_SIZE - 1))
  assert(pool.rows[place] === slot, 'a released slot belongs to its order id')
  pool.rows[place] = NONE
  const live = pool.rowLive[row]! - 1
  pool.rowLive[row] = live
  if (live === 0) freeRow(pool, group, row)
  const flags = pool.words[(slot << 4) | FLAGS]!
  if ((flags & NAMED) !== 0) {
    pool.cloid[slot] = null
    pool.trigger[slot] = null
  }
  if ((flags & PARENT) !== 0) pool.children[slot] = null
  pool.links[slot << 2] = pool.freeHead
  pool.freeHead = slot
  pool.live -= 1
}

function freeRow(pool: OrderPool<unknown>, group: number, row: number): void {
  pool.rowOf[group] = NONE
  pool.freeRows.push(row)
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
  return pool.words[(slot << 4) | WORD_FLAGS]!
}

/** The order behind this one in its level, or NO_SLOT. */
export function nextInLevel(pool: OrderPool<unknown>, slot: number): number {
  return pool.links[(slot << 2) | LINK_NEXT]!
}

/** The order before this one in its level, or NO_SLOT. */
export function previousInLevel(pool: OrderPool<unknown>, slot: number): number {
  return pool.links[(slot << 2) | LINK_PREVIOUS]!
}

/** The owner's next younger order in the market, or NO_SLOT. */
export function nextOwn(pool: OrderPool<unknown>, slot: number): number {
  return pool.links[(slot << 2) | LINK_OWN_NEXT]!
}
