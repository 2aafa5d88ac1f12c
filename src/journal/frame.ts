/**
 * The frame around every record, for both halves of the codec (`codec.ts`, `venue-codec.ts`): length, kind, sequence,
 * payload, checksum. docs/journal.md draws it.
 */
import { CLOID_BYTES, NUMBER_BYTES_MAX, putVarint } from './bytes.ts'
import type { ByteSink, ByteSource } from './bytes.ts'
import { crc32cOf } from './crc32c.ts'
import { JournalError } from './errors.ts'
import { FRAME_LENGTH_BYTES, FRAME_OVERHEAD_BYTES, RECORD_BYTES_MAX } from './format.ts'

/** First byte of a body. Numbers are part of the format: never reused. */
export const BODY_KIND = {
  book: 1,
  touch: 2,
  trade: 3,
  timer: 4,
  context: 5,
  otherInput: 6,
  reference: 7,
  place: 16,
  cancel: 17,
  otherCommand: 18,
  venueBlock: 20,
  venueOracle: 21,
  venueOrders: 22,
  venueCancels: 23,
  venueOther: 24,
  venueModifies: 25,
  checkpoint: 32,
  note: 33,
  chain: 64,
} as const

/** Frame, kind, seq, tsMs and the few numbers of a fixed layout. */
export const SMALL_BYTES_MAX: number = FRAME_OVERHEAD_BYTES + 2 + CLOID_BYTES + 10 * NUMBER_BYTES_MAX
/** UTF-8 needs at most three bytes for one UTF-16 unit. */
export const UTF8_BYTES_PER_UNIT_MAX = 3

/** Gives a sink with room for that many bytes. */
export type RoomFor = (bytesMax: number) => ByteSink

/** @returns where the frame starts */
export function beginFrame(sink: ByteSink, kind: number, seq: number): number {
  const start = sink.at
  sink.view.setUint8(start + FRAME_LENGTH_BYTES, kind)
  sink.at = start + FRAME_LENGTH_BYTES + 1
  putVarint(sink, seq)
  return start
}

/** Writes length and checksum around the body. @returns bytes of the whole frame */
export function endFrame(sink: ByteSink, start: number): number {
  const bodyBytes = sink.at - start - FRAME_LENGTH_BYTES
  if (bodyBytes > RECORD_BYTES_MAX) {
    sink.at = start
    throw new JournalError('TOO_LARGE', `a record has ${bodyBytes} bytes, at most ${RECORD_BYTES_MAX} fit`)
  }
  sink.view.setUint32(start, bodyBytes, true)
  sink.view.setUint32(sink.at, crc32cOf(sink.view, start, sink.at), true)
  sink.at += FRAME_OVERHEAD_BYTES - FRAME_LENGTH_BYTES
  return sink.at - start
}

export function takeJson(source: ByteSource, end: number): unknown {
  const text = source.bytes.toString('utf8', source.at, end)
  source.at = end
  return JSON.parse(text)
}
