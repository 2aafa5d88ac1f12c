/**
 * The exchange's commands as bytes and back, exactly. Blocks, oracle prices, plain orders, modifies and cancels have a fixed layout;
 * the rest (deposits, triggers, leverage, …) is JSON.
 *
 *   body      kind u8 · seq varint · running hash before it, two u32 · payload
 *   envelope  flags u8 (1 another signer, 2 nonce, 4 expiry, grouping × 8) · account 20 · [signer 20] · [nonce] · [expiry]
 *   order     flags u8 (1 sell, 2 reduce-only, time in force × 4, 16 client id) · asset · ticks · lots · [client id 16]
 *   cancel    flags u8 (1 client id) · asset · order id or client id 16
 *   modify    flags u8 (1 client id) · order id or client id 16 · order; `always` stands where the grouping does
 *
 * Long, because the two halves of a layout must be read side by side. `as` stands where JSON of our own, already
 * checksummed, gets its type back.
 */
import { assert } from '../core/assert.ts'
import type {
  AccountAction,
  ExchangeCommand,
  OrderGrouping,
  OrderRef,
  OrderRequest,
  OrderTif,
} from '../exchange/command.ts'
import {
  ADDRESS_BYTES,
  CLOID_BYTES,
  NUMBER_BYTES_MAX,
  isAddress,
  isCloid,
  putByte,
  putHex,
  putNumber,
  putVarint,
  takeHex,
  takeNumber,
  takeVarint,
} from './bytes.ts'
import type { ByteSink, ByteSource } from './bytes.ts'
import { toExactJson } from './exact-json.ts'
import { FRAME_LENGTH_BYTES } from './format.ts'
import type { VenueCommandRecord } from './format.ts'
import {
  BODY_KIND,
  SMALL_BYTES_MAX,
  UTF8_BYTES_PER_UNIT_MAX,
  beginFrame,
  endFrame,
  takeJson,
} from './frame.ts'
import type { RoomFor } from './frame.ts'

type Envelope = Extract<ExchangeCommand, { readonly kind: 'action' }>
type Orders = Extract<AccountAction, { readonly kind: 'order' }>
type Modifies = Extract<AccountAction, { readonly kind: 'modify' }>
type Cancels = Extract<AccountAction, { readonly kind: 'cancel' }>

const TIFS: readonly OrderTif[] = ['Gtc', 'Ioc', 'Alo', 'FrontendMarket']
const GROUPINGS: readonly OrderGrouping[] = ['na', 'normalTpsl', 'positionTpsl']
const OTHER_SIGNER = 1
const HAS_NONCE = 2
const HAS_EXPIRY = 4
const GROUPING_SHIFT = 3
const SELL = 1
const REDUCE_ONLY = 2
const TIF_SHIFT = 2
const TIF_MASK = 3
const HAS_CLOID = 16
const HASH_BYTES = 8
const ENVELOPE_BYTES_MAX: number = SMALL_BYTES_MAX + HASH_BYTES + 2 * ADDRESS_BYTES + 3 * NUMBER_BYTES_MAX
/** The longest: a modify with two client ids. */
const ITEM_BYTES_MAX: number = 2 + 3 * NUMBER_BYTES_MAX + 2 * CLOID_BYTES

export function isVenueKind(kind: number): boolean {
  return kind >= BODY_KIND.venueBlock && kind <= BODY_KIND.venueModifies
}

/** @returns bytes of the frame. @throws as `encodeRecord` */
export function encodeVenueCommand(record: VenueCommandRecord, roomFor: RoomFor): number {
  const { command } = record
  if (command.kind === 'block') {
    const sink = roomFor(SMALL_BYTES_MAX + HASH_BYTES)
    const start = beginVenue(sink, BODY_KIND.venueBlock, record)
    putNumber(sink, command.tsMs)
    return endFrame(sink, start)
  }
  if (command.kind === 'oracle') {
    const sink = roomFor(SMALL_BYTES_MAX + HASH_BYTES)
    const start = beginVenue(sink, BODY_KIND.venueOracle, record)
    putNumber(sink, command.assetId)
    putNumber(sink, command.oracleTicks)
    return endFrame(sink, start)
  }
  if (command.kind === 'action' && isAddress(command.account) && isAddress(command.signer)) {
    const { action } = command
    if (action.kind === 'order' && action.builder === undefined && action.orders.every(isPlain)) {
      return encodeOrders(record, command, action, roomFor)
    }
    if (action.kind === 'cancel' && action.cancels.every(({ ref }) => isPlainRef(ref))) {
      return encodeCancels(record, command, action, roomFor)
    }
    if (
      action.kind === 'modify' &&
      action.modifies.every(({ ref, order }) => isPlainRef(ref) && isPlain(order))
    ) {
      return encodeModifies(record, command, action, roomFor)
    }
  }
  const text = toExactJson(command)
  const sink = roomFor(SMALL_BYTES_MAX + HASH_BYTES + UTF8_BYTES_PER_UNIT_MAX * text.length)
  const start = beginVenue(sink, BODY_KIND.venueOther, record)
  sink.at += sink.bytes.write(text, sink.at, 'utf8')
  return endFrame(sink, start)
}

function isPlain(order: OrderRequest): boolean {
  return order.trigger === null && (order.cloid === null || isCloid(order.cloid))
}

function isPlainRef(ref: OrderRef): boolean {
  return 'oid' in ref || isCloid(ref.cloid)
}

function beginVenue(sink: ByteSink, kind: number, record: VenueCommandRecord): number {
  const start = beginFrame(sink, kind, record.seq)
  sink.view.setUint32(sink.at, record.hashHigh, true)
  sink.view.setUint32(sink.at + 4, record.hashLow, true)
  sink.at += HASH_BYTES
  return start
}

function putEnvelope(sink: ByteSink, command: Envelope, grouping: number): void {
  const { account, signer, nonce, expiresAfterMs } = command
  const flags =
    (signer === account ? 0 : OTHER_SIGNER) |
    (nonce === null ? 0 : HAS_NONCE) |
    (expiresAfterMs === null ? 0 : HAS_EXPIRY) |
    (grouping << GROUPING_SHIFT)
  putByte(sink, flags)
  putHex(sink, account)
  if (signer !== account) putHex(sink, signer)
  if (nonce !== null) putNumber(sink, nonce)
  if (expiresAfterMs !== null) putNumber(sink, expiresAfterMs)
}

function encodeOrders(
  record: VenueCommandRecord,
  command: Envelope,
  action: Orders,
  roomFor: RoomFor,
): number {
  const grouping = GROUPINGS.indexOf(action.grouping)
  assert(grouping >= 0, 'the grouping of orders is na, normalTpsl or positionTpsl')
  const sink = roomFor(ENVELOPE_BYTES_MAX + action.orders.length * ITEM_BYTES_MAX)
  const start = beginVenue(sink, BODY_KIND.venueOrders, record)
  putEnvelope(sink, command, grouping)
  putVarint(sink, action.orders.length)
  for (const order of action.orders) putOrder(sink, order)
  return endFrame(sink, start)
}

function putOrder(sink: ByteSink, order: OrderRequest): void {
  const { side, reduceOnly, tif, cloid, assetId, priceTicks, sizeLots } = order
  const tifCode = TIFS.indexOf(tif)
  assert(tifCode >= 0, 'the time in force of an order is one of four')
  assert(side === 'buy' || side === 'sell', 'a side is buy or sell')
  const flags =
    (side === 'sell' ? SELL : 0) |
    (reduceOnly ? REDUCE_ONLY : 0) |
    (tifCode << TIF_SHIFT) |
    (cloid === null ? 0 : HAS_CLOID)
  putByte(sink, flags)
  putNumber(sink, assetId)
  putNumber(sink, priceTicks)
  putNumber(sink, sizeLots)
  if (cloid !== null) putHex(sink, cloid)
}

function putRef(sink: ByteSink, ref: OrderRef): void {
  if ('oid' in ref) putNumber(sink, ref.oid)
  else putHex(sink, ref.cloid)
}

function encodeModifies(
  record: VenueCommandRecord,
  command: Envelope,
  action: Modifies,
  roomFor: RoomFor,
): number {
  const sink = roomFor(ENVELOPE_BYTES_MAX + action.modifies.length * ITEM_BYTES_MAX)
  const start = beginVenue(sink, BODY_KIND.venueModifies, record)
  putEnvelope(sink, command, action.always ? 1 : 0)
  putVarint(sink, action.modifies.length)
  for (const { ref, order } of action.modifies) {
    putByte(sink, 'oid' in ref ? 0 : 1)
    putRef(sink, ref)
    putOrder(sink, order)
  }
  return endFrame(sink, start)
}

function encodeCancels(
  record: VenueCommandRecord,
  command: Envelope,
  action: Cancels,
  roomFor: RoomFor,
): number {
  const sink = roomFor(ENVELOPE_BYTES_MAX + action.cancels.length * ITEM_BYTES_MAX)
  const start = beginVenue(sink, BODY_KIND.venueCancels, record)
  putEnvelope(sink, command, 0)
  putVarint(sink, action.cancels.length)
  for (const { assetId, ref } of action.cancels) {
    putByte(sink, 'oid' in ref ? 0 : 1)
    putNumber(sink, assetId)
    putRef(sink, ref)
  }
  return endFrame(sink, start)
}

/** Reads the body behind kind and seq. @throws Error when the bytes are no command */
export function decodeVenueCommand(
  source: ByteSource,
  kind: number,
  seq: number,
  end: number,
): VenueCommandRecord {
  const hashHigh = source.view.getUint32(source.at, true)
  const hashLow = source.view.getUint32(source.at + 4, true)
  source.at += HASH_BYTES
  return { kind: 'venueCommand', seq, hashHigh, hashLow, command: takeCommand(source, kind, end) }
}

function takeCommand(source: ByteSource, kind: number, end: number): ExchangeCommand {
  switch (kind) {
    case BODY_KIND.venueBlock:
      return { kind: 'block', tsMs: takeNumber(source) }
    case BODY_KIND.venueOracle: {
      const assetId = takeNumber(source)
      return { kind: 'oracle', assetId, oracleTicks: takeNumber(source) }
    }
    case BODY_KIND.venueOrders:
    case BODY_KIND.venueCancels:
    case BODY_KIND.venueModifies:
      return takeAction(source, kind, end)
    case BODY_KIND.venueOther:
      return takeJson(source, end) as ExchangeCommand
    default:
      throw new RangeError(`no command of the exchange has kind ${kind}`)
  }
}

function takeAction(source: ByteSource, kind: number, end: number): ExchangeCommand {
  const flags = takeByte(source)
  const account = takeHex(source, ADDRESS_BYTES)
  const signer = (flags & OTHER_SIGNER) === 0 ? account : takeHex(source, ADDRESS_BYTES)
  const nonce = (flags & HAS_NONCE) === 0 ? null : takeNumber(source)
  const expiresAfterMs = (flags & HAS_EXPIRY) === 0 ? null : takeNumber(source)
  const count = takeVarint(source)
  if (count > end - source.at) throw new RangeError('the batch does not fit its record')
  const action = takeBatch(source, kind, flags >> GROUPING_SHIFT, count)
  return { kind: 'action', account, signer, nonce, expiresAfterMs, action }
}

/** @param grouping of orders; 1 for a modify that always places */
function takeBatch(source: ByteSource, kind: number, grouping: number, count: number): AccountAction {
  if (kind === BODY_KIND.venueOrders) {
    const orders: OrderRequest[] = []
    for (let left = count; left > 0; left -= 1) orders.push(takeOrder(source))
    return { kind: 'order', orders, grouping: groupingOf(grouping) }
  }
  if (kind === BODY_KIND.venueCancels) {
    const cancels: Cancels['cancels'][number][] = []
    for (let left = count; left > 0; left -= 1) cancels.push(takeCancel(source))
    return { kind: 'cancel', cancels }
  }
  const modifies: Modifies['modifies'][number][] = []
  for (let left = count; left > 0; left -= 1) modifies.push(takeModify(source))
  return { kind: 'modify', modifies, always: grouping === 1 }
}

function groupingOf(code: number): OrderGrouping {
  const grouping = GROUPINGS[code]
  if (grouping === undefined) throw new RangeError(`no grouping has number ${code}`)
  return grouping
}

function takeByte(source: ByteSource): number {
  const byte = source.view.getUint8(source.at)
  source.at += 1
  return byte
}

function takeOrder(source: ByteSource): OrderRequest {
  const flags = takeByte(source)
  const assetId = takeNumber(source)
  const priceTicks = takeNumber(source)
  const sizeLots = takeNumber(source)
  return {
    assetId,
    side: (flags & SELL) === 0 ? 'buy' : 'sell',
    priceTicks,
    sizeLots,
    reduceOnly: (flags & REDUCE_ONLY) !== 0,
    tif: tifOf(flags),
    trigger: null,
    cloid: (flags & HAS_CLOID) === 0 ? null : takeHex(source, CLOID_BYTES),
  }
}

/** Four codes in two bits: each is one. */
function tifOf(flags: number): OrderTif {
  return TIFS[(flags >> TIF_SHIFT) & TIF_MASK] ?? 'Gtc'
}

function takeCancel(source: ByteSource): Cancels['cancels'][number] {
  const flags = takeByte(source)
  const assetId = takeNumber(source)
  return { assetId, ref: takeRef(source, flags) }
}

function takeRef(source: ByteSource, flags: number): OrderRef {
  return flags === 0 ? { oid: takeNumber(source) } : { cloid: takeHex(source, CLOID_BYTES) }
}

function takeModify(source: ByteSource): Modifies['modifies'][number] {
  const ref = takeRef(source, takeByte(source))
  return { ref, order: takeOrder(source) }
}

/** One order or cancel as numbers, for a replay that makes no objects. Filled anew by `takePlain`. */
export interface PlainCommand {
  isCancel: boolean
  seq: number
  /** Signed, as the exchange has them. */
  hashHigh: number
  hashLow: number
  /** Where the twenty bytes of the account begin. */
  accountAt: number
  assetId: number
  isBuy: boolean
  priceTicks: number
  sizeLots: number
  tif: OrderTif
  reduceOnly: boolean
  /** Of a cancel. */
  oid: number
}

export function initPlainCommand(): PlainCommand {
  return {
    ...{ isCancel: false, seq: 0, hashHigh: 0, hashLow: 0, accountAt: 0, assetId: 0, isBuy: false },
    ...{ priceTicks: NaN, sizeLots: NaN, tif: 'Gtc', reduceOnly: false, oid: NaN },
  }
}

/**
 * Reads the frame at `start` when it is one order without client id, or one cancel by order id, unsigned: what participants
 * send all the time. Leaves `source.at` behind what was read.
 * @returns false for anything else
 * @throws RangeError where the bytes end in the middle of it
 */
export function takePlain(source: ByteSource, start: number, out: PlainCommand): boolean {
  const { view } = source
  const kind = view.getUint8(start + FRAME_LENGTH_BYTES)
  if (kind !== BODY_KIND.venueOrders && kind !== BODY_KIND.venueCancels) return false
  source.at = start + FRAME_LENGTH_BYTES + 1
  out.seq = takeVarint(source)
  const hashAt = source.at
  const accountAt = hashAt + HASH_BYTES + 1
  const countAt = accountAt + ADDRESS_BYTES
  // No signer, nonce, expiry or grouping, and one item: then the item follows the account and a count of 1.
  if (view.getUint8(accountAt - 1) !== 0 || view.getUint8(countAt) !== 1) return false
  const flags = view.getUint8(countAt + 1)
  out.isCancel = kind === BODY_KIND.venueCancels
  if (out.isCancel ? flags !== 0 : (flags & HAS_CLOID) !== 0) return false
  out.hashHigh = view.getInt32(hashAt, true)
  out.hashLow = view.getInt32(hashAt + 4, true)
  out.accountAt = accountAt
  source.at = countAt + 2
  out.assetId = takeNumber(source)
  if (out.isCancel) {
    out.oid = takeNumber(source)
    return true
  }
  out.priceTicks = takeNumber(source)
  out.sizeLots = takeNumber(source)
  out.isBuy = (flags & SELL) === 0
  out.reduceOnly = (flags & REDUCE_ONLY) !== 0
  out.tif = tifOf(flags)
  return true
}
