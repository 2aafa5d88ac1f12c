/**
 * Live orders in typed arrays, and the way from an order id to its slot.
 *
 * state   one slot per live order (resting, or waiting for its trigger), reused through a free list; grows by doubling
 * ids     given in ascending order, so the id → slot table is flat pages of 4096, dropped once all their orders ended
 */
import { assert } from '../core/assert.ts'
import type { OrderTif, TriggerSpec } from './command.ts'

export const NO_SLOT = -1
export const FLAG_BUY = 1
export const FLAG_REDUCE_ONLY = 2
/** Waits for its trigger (or its parent): not in the book. */
export const FLAG_WAITING = 4

const PAGE_BITS = 12
const PAGE_SIZE = 1 << PAGE_BITS
const CAPACITY_START = 256
export const TIFS: readonly OrderTif[] = ['Gtc', 'Ioc', 'Alo', 'FrontendMarket']

/** Place in `TIFS`; by comparison, which is cheaper than a search. */
export function tifCode(tif: OrderTif): number {
  return tif === 'Gtc' ? 0 : tif === 'Ioc' ? 1 : tif === 'Alo' ? 2 : 3
}

interface IdPage {
  readonly slots: Int32Array
  live: number
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
  freeHead: number
  oid: Float64Array
  priceTicks: Float64Array
  priceIndex: Int32Array
  originalLots: Float64Array
  remainingLots: Float64Array
  placedTsMs: Float64Array
  flags: Uint8Array
  tif: Uint8Array
  /** FIFO of the price level. */
  next: Int32Array
  previous: Int32Array
  /** All live orders of one account in one market, oldest first. */
  ownNext: Int32Array
  ownPrevious: Int32Array
  readonly holding: (H | null)[]
  readonly cloid: (string | null)[]
  readonly trigger: (TriggerState | null)[]
  /** The group that waits for this order to fill. */
  readonly children: (TriggerGroup | null)[]
  readonly pages: (IdPage | null)[]
}

export function createOrderPool<H>(): OrderPool<H> {
  const pool: OrderPool<H> = {
    capacity: 0,
    live: 0,
    freeHead: NO_SLOT,
    oid: new Float64Array(0),
    priceTicks: new Float64Array(0),
    priceIndex: new Int32Array(0),
    originalLots: new Float64Array(0),
    remainingLots: new Float64Array(0),
    placedTsMs: new Float64Array(0),
    flags: new Uint8Array(0),
    tif: new Uint8Array(0),
    next: new Int32Array(0),
    previous: new Int32Array(0),
    ownNext: new Int32Array(0),
    ownPrevious: new Int32Array(0),
    holding: [],
    cloid: [],
    trigger: [],
    children: [],
    pages: [],
  }
  grow(pool, CAPACITY_START)
  return pool
}

function grow(pool: OrderPool<unknown>, capacity: number): void {
  const doubles = (old: Float64Array): Float64Array => {
    const wider = new Float64Array(capacity)
    wider.set(old)
    return wider
  }
  const ints = (old: Int32Array): Int32Array => {
    const wider = new Int32Array(capacity)
    wider.set(old)
    return wider
  }
  const bytes = (old: Uint8Array): Uint8Array => {
    const wider = new Uint8Array(capacity)
    wider.set(old)
    return wider
  }
  pool.oid = doubles(pool.oid)
  pool.priceTicks = doubles(pool.priceTicks)
  pool.originalLots = doubles(pool.originalLots)
  pool.remainingLots = doubles(pool.remainingLots)
  pool.placedTsMs = doubles(pool.placedTsMs)
  pool.priceIndex = ints(pool.priceIndex)
  pool.next = ints(pool.next)
  pool.previous = ints(pool.previous)
  pool.ownNext = ints(pool.ownNext)
  pool.ownPrevious = ints(pool.ownPrevious)
  pool.flags = bytes(pool.flags)
  pool.tif = bytes(pool.tif)
  // The free list runs upwards through the new slots, so slots are taken in the same order in every run.
  for (let slot = capacity - 1; slot >= pool.capacity; slot -= 1) {
    pool.next[slot] = pool.freeHead
    pool.freeHead = slot
  }
  for (let slot = pool.capacity; slot < capacity; slot += 1) {
    pool.holding.push(null)
    pool.cloid.push(null)
    pool.trigger.push(null)
    pool.children.push(null)
  }
  pool.capacity = capacity
}

/** Takes a slot for this id. The caller fills the other fields. */
export function takeSlot(pool: OrderPool<unknown>, oid: number): number {
  if (pool.freeHead === NO_SLOT) grow(pool, pool.capacity * 2)
  const slot = pool.freeHead
  pool.freeHead = pool.next[slot]!
  pool.live += 1
  pool.oid[slot] = oid
  const pageNumber = Math.floor(oid / PAGE_SIZE)
  while (pool.pages.length <= pageNumber) pool.pages.push(null)
  let page = pool.pages[pageNumber]!
  if (page === null) {
    page = { slots: new Int32Array(PAGE_SIZE).fill(NO_SLOT), live: 0 }
    pool.pages[pageNumber] = page
  }
  page.slots[oid % PAGE_SIZE] = slot
  page.live += 1
  return slot
}

/** @returns the slot of a live order, or NO_SLOT */
export function slotOfOid(pool: OrderPool<unknown>, oid: number): number {
  if (!Number.isSafeInteger(oid) || oid < 0) return NO_SLOT
  const page = pool.pages[Math.floor(oid / PAGE_SIZE)]
  return page ? page.slots[oid % PAGE_SIZE]! : NO_SLOT
}

export function releaseSlot(pool: OrderPool<unknown>, slot: number): void {
  const oid = pool.oid[slot]!
  const pageNumber = Math.floor(oid / PAGE_SIZE)
  const page = pool.pages[pageNumber]
  assert(page?.slots[oid % PAGE_SIZE] === slot, 'a released slot belongs to its order id')
  page.slots[oid % PAGE_SIZE] = NO_SLOT
  page.live -= 1
  // A page is dropped only when later ids exist, so that the page in use is not made again and again.
  if (page.live === 0 && pageNumber < pool.pages.length - 1) pool.pages[pageNumber] = null
  pool.holding[slot] = null
  if (pool.cloid[slot] !== null) pool.cloid[slot] = null
  if (pool.trigger[slot] !== null) pool.trigger[slot] = null
  if (pool.children[slot] !== null) pool.children[slot] = null
  pool.next[slot] = pool.freeHead
  pool.freeHead = slot
  pool.live -= 1
}
