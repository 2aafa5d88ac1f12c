/**
 * The exchange's running hash: numbers are noted as they come and folded into two 32-bit lanes some thirty at a time.
 *
 * Noting a number is one store. Folding them one by one, where they came, was a third of the time of an order: each call
 * had to tell small numbers from wide ones. Here each half of a number goes through a lane of its own, and numbers take
 * turns between two pairs of lanes, so that the processor works on both at once. After every number the pairs change
 * places, so it is the same when the fold happens. Not cryptographic: it finds where two runs part.
 */
import { initHash, mixValue } from '../core/math/state-hash.ts'

export interface HashLanes {
  /** Two pairs; the next number goes to the first one. */
  readonly lanes: Int32Array
  /** What `lanesOf` makes of them. */
  readonly both: Int32Array
  /** Noted and not folded yet: the first `count`; and the same memory as words. */
  readonly numbers: Float64Array
  readonly words: Int32Array
  count: number
}

/** Few, so that no single message pays for folding those of a hundred others. */
const NOTED_MAX = 32
/** The longest record. */
const RECORD_MAX = 5

export function initLanes(): HashLanes {
  const numbers = new Float64Array(NOTED_MAX)
  const lanes = Int32Array.of(0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f)
  return { lanes, both: new Int32Array(2), numbers, words: new Int32Array(numbers.buffer), count: 0 }
}

/** Mixes five numbers. Adding 0 makes one of the two zeros: they are equal, and a journal cannot tell them apart. */
export function mixRecord(hash: HashLanes, a: number, b: number, c: number, d: number, e: number): void {
  if (hash.count > NOTED_MAX - RECORD_MAX) foldNoted(hash)
  const { numbers, count } = hash
  numbers[count + 4] = e + 0
  numbers[count] = a + 0
  numbers[count + 1] = b + 0
  numbers[count + 2] = c + 0
  numbers[count + 3] = d + 0
  hash.count = count + 5
}

/** Mixes three numbers. */
export function mixThree(hash: HashLanes, a: number, b: number, c: number): void {
  if (hash.count > NOTED_MAX - RECORD_MAX) foldNoted(hash)
  const { numbers, count } = hash
  numbers[count + 2] = c + 0
  numbers[count] = a + 0
  numbers[count + 1] = b + 0
  hash.count = count + 3
}

/** Mixes four whole numbers that are no negative zeros. */
export function mixFour(hash: HashLanes, a: number, b: number, c: number, d: number): void {
  if (hash.count > NOTED_MAX - RECORD_MAX) foldNoted(hash)
  const { numbers, count } = hash
  numbers[count + 3] = d
  numbers[count] = a
  numbers[count + 1] = b
  numbers[count + 2] = c
  hash.count = count + 4
}

/** Mixes two numbers. */
export function mixTwo(hash: HashLanes, a: number, b: number): void {
  if (hash.count > NOTED_MAX - RECORD_MAX) foldNoted(hash)
  const { numbers, count } = hash
  numbers[count + 1] = b + 0
  numbers[count] = a + 0
  hash.count = count + 2
}

/** Mixes one number. */
export function mixOne(hash: HashLanes, a: number): void {
  if (hash.count > NOTED_MAX - RECORD_MAX) foldNoted(hash)
  hash.numbers[hash.count] = a + 0
  hash.count += 1
}

function foldNoted(hash: HashLanes): void {
  const { lanes, words, count } = hash
  let a = lanes[0]!
  let b = lanes[1]!
  let c = lanes[2]!
  let d = lanes[3]!
  let at = 0
  // Four numbers at a time: what a loop costs by itself is as much as folding one.
  for (const end = (count >> 2) << 3; at < end; at += 8) {
    a = lowOf(a, words[at]!)
    b = highOf(b, words[at + 1]!, a)
    c = lowOf(c, words[at + 2]!)
    d = highOf(d, words[at + 3]!, c)
    a = lowOf(a, words[at + 4]!)
    b = highOf(b, words[at + 5]!, a)
    c = lowOf(c, words[at + 6]!)
    d = highOf(d, words[at + 7]!, c)
  }
  if ((count & 2) !== 0) {
    a = lowOf(a, words[at]!)
    b = highOf(b, words[at + 1]!, a)
    c = lowOf(c, words[at + 2]!)
    d = highOf(d, words[at + 3]!, c)
    at += 4
  }
  const isOdd = (count & 1) !== 0
  if (isOdd) {
    a = lowOf(a, words[at]!)
    b = highOf(b, words[at + 1]!, a)
  }
  lanes[0] = isOdd ? c : a
  lanes[1] = isOdd ? d : b
  lanes[2] = isOdd ? a : c
  lanes[3] = isOdd ? b : d
  hash.count = 0
}

/** Tells all words apart, and all lanes; the sum keeps a lane of zeros from staying one. */
function lowOf(lane: number, word: number): number {
  const mixed = Math.imul(lane ^ word, 0xcc9e2d51)
  return (((mixed << 13) | (mixed >>> 19)) + 0x165667b1) | 0
}

function highOf(lane: number, word: number, low: number): number {
  const mixed = Math.imul(lane ^ word, 0x1b873593)
  return (((mixed << 17) | (mixed >>> 15)) + low) | 0
}

/** Two words over everything so far, signed; changed by the next call. */
export function lanesOf(hash: HashLanes): Int32Array {
  foldNoted(hash)
  const { lanes, both } = hash
  both[0] = Math.imul(lanes[0]!, 0x85ebca6b) + lanes[2]!
  both[1] = Math.imul(lanes[1]!, 0xc2b2ae35) + lanes[3]!
  return both
}

export function mixString(hash: HashLanes, text: string): void {
  const { length } = text
  const { numbers } = hash
  for (let at = 0; at < length; at += 4) {
    if (hash.count > NOTED_MAX - RECORD_MAX) foldNoted(hash)
    const { count } = hash
    numbers[count + 4] = length
    numbers[count] = text.charCodeAt(at)
    numbers[count + 1] = at + 1 < length ? text.charCodeAt(at + 1) : -1
    numbers[count + 2] = at + 2 < length ? text.charCodeAt(at + 2) : -1
    numbers[count + 3] = at + 3 < length ? text.charCodeAt(at + 3) : -1
    hash.count = count + RECORD_MAX
  }
}

/** Mixes any JSON-safe value: for what is rare. */
export function mixAny(hash: HashLanes, value: unknown): void {
  const digest = initHash()
  mixValue(digest, value)
  mixTwo(hash, digest.high | 0, digest.low | 0)
}

/** 16 hexadecimal digits. */
export function lanesToHex(hash: HashLanes): string {
  return wordsToHex(lanesOf(hash))
}

export function wordsToHex(lanes: Int32Array): string {
  return [...lanes].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')
}
