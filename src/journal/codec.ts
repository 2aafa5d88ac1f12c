/**
 * Records as bytes and back, exactly: what was appended comes back equal, down to −0 and unusual numbers. Books,
 * touches, trades, timers, contexts, places and cancels have a fixed layout; the rest is JSON behind its sequence.
 *
 *   body  kind u8 · seq varint · [tsMs number, inputs only] · payload
 *
 * Decoded objects have their keys in the order of the contract in core/input.ts, then `seq`, `tsMs`.
 * One long file, because the two halves of a layout must be read side by side.
 * `as` stands where JSON of our own, already checksummed, gets its type back.
 */
import { assert, assertNever } from '../core/assert.ts'
import type { CancelCommand, Command, PlaceCommand, TimeInForce } from '../core/command.ts'
import type { Input, RawInput } from '../core/input.ts'
import {
  CLOID_BYTES,
  NUMBER_BYTES_MAX,
  isCloid,
  putByte,
  putHex,
  putNear,
  putNumber,
  putPair,
  putPairs,
  putTimes,
  putVarint,
  takeHex,
  takeNear,
  takeNumber,
  takeVarint,
} from './bytes.ts'
import type { ByteSink, ByteSource } from './bytes.ts'
import { toExactJson } from './exact-json.ts'
import { RECORD_BYTES_MAX } from './format.ts'
import type { JournalRecord } from './format.ts'
import {
  BODY_KIND,
  SMALL_BYTES_MAX,
  UTF8_BYTES_PER_UNIT_MAX,
  beginFrame,
  endFrame,
  takeJson,
} from './frame.ts'
import type { RoomFor } from './frame.ts'
import { decodeVenueCommand, encodeVenueCommand, isVenueKind } from './venue-codec.ts'

const TIFS: readonly TimeInForce[] = ['alo', 'ioc', 'gtc']

/**
 * Appends one frame.
 * @returns its bytes
 * @throws JournalError TOO_LARGE; InvariantError for a value that no journal can hold (NaN outside the fixed layouts)
 */
export function encodeRecord(record: JournalRecord, roomFor: RoomFor): number {
  switch (record.kind) {
    case 'input':
      return encodeInput(record.input, record.input.seq, record.input.tsMs, roomFor)
    case 'command':
      return encodeCommand(record.seq, record.command, roomFor)
    case 'checkpoint':
      return encodeJson(BODY_KIND.checkpoint, record.seq, null, record.stateHash, roomFor)
    case 'note':
      return encodeJson(BODY_KIND.note, record.seq, null, record.text, roomFor)
    case 'venueCommand':
      return encodeVenueCommand(record, roomFor)
    default:
      return assertNever(record)
  }
}

/**
 * Appends one frame, as `encodeRecord`.
 * @param seq, tsMs those of the input: inputs have many shapes, so a field that all of them have is read once
 */
export function encodeInput(input: Input, seq: number, tsMs: number, roomFor: RoomFor): number {
  switch (input.kind) {
    case 'book': {
      const numberCount = input.bids.length + input.asks.length
      const sink = roomFor(SMALL_BYTES_MAX + NUMBER_BYTES_MAX * numberCount)
      const start = beginFrame(sink, BODY_KIND.book, seq)
      putTimes(sink, tsMs, input.venueTsMs)
      putSide(sink, input.bids)
      putSide(sink, input.asks)
      return endFrame(sink, start)
    }
    case 'touch': {
      const sink = roomFor(SMALL_BYTES_MAX)
      const start = beginFrame(sink, BODY_KIND.touch, seq)
      const { bidTicks } = input
      putTimes(sink, tsMs, input.venueTsMs)
      putPair(sink, bidTicks, input.bidLots, 0)
      putPair(sink, input.askTicks, input.askLots, bidTicks)
      return endFrame(sink, start)
    }
    case 'trade': {
      const sink = roomFor(SMALL_BYTES_MAX)
      const start = beginFrame(sink, BODY_KIND.trade, seq)
      putTimes(sink, tsMs, input.venueTsMs)
      putNumber(sink, input.tid)
      putByte(sink, sideBit(input.aggressor))
      putPair(sink, input.priceTicks, input.sizeLots, 0)
      return endFrame(sink, start)
    }
    case 'timer':
      return encodeTimer(roomFor, seq, tsMs)
    case 'context': {
      const sink = roomFor(SMALL_BYTES_MAX)
      const start = beginInput(sink, BODY_KIND.context, seq, tsMs)
      putNumber(sink, input.markTicks)
      putNumber(sink, input.oracleTicks)
      putNumber(sink, input.fundingPerHour)
      return endFrame(sink, start)
    }
    case 'reference': {
      const sink = roomFor(SMALL_BYTES_MAX)
      const start = beginFrame(sink, BODY_KIND.reference, seq)
      putTimes(sink, tsMs, input.venueTsMs)
      putNumber(sink, input.midTicks)
      return endFrame(sink, start)
    }
    default: {
      const { seq: _seq, tsMs: _tsMs, ...raw } = input
      return encodeJson(BODY_KIND.otherInput, seq, tsMs, raw, roomFor)
    }
  }
}

function encodeTimer(roomFor: RoomFor, seq: number, tsMs: number): number {
  const sink = roomFor(SMALL_BYTES_MAX)
  return endFrame(sink, beginInput(sink, BODY_KIND.timer, seq, tsMs))
}

function encodeCommand(seq: number, command: Command, roomFor: RoomFor): number {
  if (command.kind === 'place' && isCloid(command.order.cloid)) {
    const { order } = command
    const sink = roomFor(SMALL_BYTES_MAX)
    const start = beginFrame(sink, BODY_KIND.place, seq)
    const tif = TIFS.indexOf(order.tif)
    assert(tif >= 0, 'the time in force of an order is alo, ioc or gtc')
    putByte(sink, sideBit(order.side) | (order.reduceOnly ? 2 : 0) | (tif << 2))
    putHex(sink, order.cloid)
    putNumber(sink, order.priceTicks)
    putNumber(sink, order.sizeLots)
    return endFrame(sink, start)
  }
  const isPlainCancel = command.kind === 'cancel' && command.byCloid === undefined
  if (isPlainCancel && (command.cloid === null || isCloid(command.cloid))) {
    const sink = roomFor(SMALL_BYTES_MAX)
    const start = beginFrame(sink, BODY_KIND.cancel, seq)
    putByte(sink, (command.cloid === null ? 0 : 1) | (command.oid === null ? 0 : 2))
    if (command.cloid !== null) putHex(sink, command.cloid)
    if (command.oid !== null) putNumber(sink, command.oid)
    return endFrame(sink, start)
  }
  return encodeJson(BODY_KIND.otherCommand, seq, null, command, roomFor)
}

function encodeJson(
  kind: number,
  seq: number,
  tsMs: number | null,
  value: unknown,
  roomFor: RoomFor,
): number {
  const text = toExactJson(value)
  const sink = roomFor(SMALL_BYTES_MAX + UTF8_BYTES_PER_UNIT_MAX * text.length)
  const start = tsMs === null ? beginFrame(sink, kind, seq) : beginInput(sink, kind, seq, tsMs)
  sink.at += sink.bytes.write(text, sink.at, 'utf8')
  return endFrame(sink, start)
}

/** Prices walk away from the touch in small steps, so each is written as the step from the one before. */
function putSide(sink: ByteSink, flat: readonly number[]): void {
  putVarint(sink, flat.length)
  for (let index = putPairs(sink, flat); index < flat.length; index += 1) {
    const value = flat[index] as number
    if (index % 2 === 1) putNumber(sink, value)
    else putNear(sink, value, flat[index - 2] ?? 0)
  }
}

function takeSide(source: ByteSource): number[] {
  const count = takeVarint(source)
  if (count > RECORD_BYTES_MAX) throw new RangeError('a book side is longer than its record')
  const flat: number[] = []
  let ticksBefore = 0
  for (let index = 0; index < count; index += 1) {
    if (index % 2 === 1) flat.push(takeNumber(source))
    else {
      ticksBefore = takeNear(source, ticksBefore)
      flat.push(ticksBefore)
    }
  }
  return flat
}

function sideBit(side: 'buy' | 'sell'): 0 | 1 {
  assert(side === 'buy' || side === 'sell', 'a side is buy or sell')
  return side === 'buy' ? 0 : 1
}

function beginInput(sink: ByteSink, kind: number, seq: number, tsMs: number): number {
  const start = beginFrame(sink, kind, seq)
  putNumber(sink, tsMs)
  return start
}

/**
 * Reads the body at `source.at`.
 * @param end where the body ends
 * @throws Error when the bytes are no record; the caller knows the place and says it
 */
export function decodeRecord(source: ByteSource, end: number): JournalRecord {
  const kind = source.view.getUint8(source.at)
  source.at += 1
  const seq = takeVarint(source)
  const record = isVenueKind(kind)
    ? decodeVenueCommand(source, kind, seq, end)
    : decodeBody(source, kind, seq, end)
  if (source.at !== end) throw new RangeError('the record is longer or shorter than its content')
  return record
}

function decodeBody(source: ByteSource, kind: number, seq: number, end: number): JournalRecord {
  switch (kind) {
    case BODY_KIND.place:
      return { kind: 'command', seq, command: takePlace(source) }
    case BODY_KIND.cancel:
      return { kind: 'command', seq, command: takeCancel(source) }
    case BODY_KIND.otherCommand:
      return { kind: 'command', seq, command: takeJson(source, end) as Command }
    case BODY_KIND.checkpoint:
      return { kind: 'checkpoint', seq, stateHash: takeJson(source, end) as string }
    case BODY_KIND.note:
      return { kind: 'note', seq, text: takeJson(source, end) as string }
    default:
      return { kind: 'input', input: decodeInput(source, kind, seq, end) }
  }
}

function decodeInput(source: ByteSource, kind: number, seq: number, end: number): Input {
  const tsMs = takeNumber(source)
  switch (kind) {
    case BODY_KIND.book: {
      const venueTsMs = takeNear(source, tsMs)
      const bids = takeSide(source)
      return { kind: 'book', venueTsMs, bids, asks: takeSide(source), seq, tsMs }
    }
    case BODY_KIND.touch: {
      const venueTsMs = takeNear(source, tsMs)
      const bidTicks = takeNumber(source)
      const bidLots = takeNumber(source)
      const askTicks = takeNear(source, bidTicks)
      return {
        kind: 'touch',
        venueTsMs,
        bidTicks,
        bidLots,
        askTicks,
        askLots: takeNumber(source),
        seq,
        tsMs,
      }
    }
    case BODY_KIND.trade: {
      const venueTsMs = takeNear(source, tsMs)
      const tid = takeNumber(source)
      const aggressor = source.view.getUint8(source.at) === 0 ? 'buy' : 'sell'
      source.at += 1
      const priceTicks = takeNumber(source)
      return {
        kind: 'trade',
        venueTsMs,
        tid,
        aggressor,
        priceTicks,
        sizeLots: takeNumber(source),
        seq,
        tsMs,
      }
    }
    case BODY_KIND.timer:
      return { kind: 'timer', seq, tsMs }
    case BODY_KIND.context: {
      const markTicks = takeNumber(source)
      const oracleTicks = takeNumber(source)
      return { kind: 'context', markTicks, oracleTicks, fundingPerHour: takeNumber(source), seq, tsMs }
    }
    case BODY_KIND.reference: {
      const venueTsMs = takeNear(source, tsMs)
      return { kind: 'reference', venueTsMs, midTicks: takeNumber(source), seq, tsMs }
    }
    case BODY_KIND.otherInput:
      return { ...(takeJson(source, end) as RawInput), seq, tsMs }
    default:
      throw new RangeError(`no record has kind ${kind}`)
  }
}

function takePlace(source: ByteSource): PlaceCommand {
  const flags = source.view.getUint8(source.at)
  source.at += 1
  const tif = TIFS[flags >> 2]
  if (tif === undefined) throw new RangeError(`no time in force has number ${flags >> 2}`)
  const cloid = takeHex(source, CLOID_BYTES)
  const priceTicks = takeNumber(source)
  const sizeLots = takeNumber(source)
  const side = (flags & 1) === 0 ? 'buy' : 'sell'
  return {
    kind: 'place',
    order: { cloid, side, priceTicks, sizeLots, tif, reduceOnly: (flags & 2) !== 0 },
  }
}

function takeCancel(source: ByteSource): CancelCommand {
  const flags = source.view.getUint8(source.at)
  source.at += 1
  const cloid = (flags & 1) === 0 ? null : takeHex(source, CLOID_BYTES)
  return { kind: 'cancel', cloid, oid: (flags & 2) === 0 ? null : takeNumber(source) }
}
