/**
 * The exchange's running hash: numbers are noted as they come and folded into four 32-bit lanes some thirty at a time.
 *
 * To note a number costs one store. Folding each where it came took a third of the time of an order, since every call had to
 * tell small numbers from wide ones. Here both halves of a number go through one lane, and the numbers take turns between the
 * four lanes, so that the processor works on all of them at once. Only whole rounds of four are folded and the rest waits, so
 * the hash does not depend on when the fold happens. Not cryptographic: it finds where two runs part.
 */
import { initHash, mixValue } from '../core/math/state-hash.ts'

export interface HashLanes {
  /** The first noted number goes to the first of the four. */
  readonly lanes: Int32Array
  /** What `lanesOf` makes of them. */
  readonly both: Int32Array
  /** Noted and not folded yet: the first `count`; and the same memory as words. */
  readonly numbers: Float64Array
  readonly words: Int32Array
  count: number
}

/** More than there are status words. */
export const STATUS_SPAN = 64
// Own constants that are not exported are folded into the machine code.
const SPAN: typeof STATUS_SPAN = 64
/** Few, so that no single message pays for folding those of a hundred others. */
const NOTED_MAX = 32
/** Numbers of a round. */
const LANES = 4
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

/**
 * Mixes what became of an order: its lots only when they are neither none nor all of it, since the code tells those two
 * apart.
 * @param code as of `statusCode`
 */
export function mixOrderEvent(
  hash: HashLanes,
  oid: number,
  code: number,
  remainingLots: number,
  originalLots: number,
): void {
  if (hash.count > NOTED_MAX - RECORD_MAX) foldNoted(hash)
  const { numbers, count } = hash
  numbers[count] = oid * SPAN + code
  if (remainingLots === 0 || remainingLots === originalLots) {
    hash.count = count + 1
    return
  }
  numbers[count + 1] = remainingLots
  hash.count = count + 2
}

/** Mixes one number. */
export function mixOne(hash: HashLanes, a: number): void {
  if (hash.count > NOTED_MAX - RECORD_MAX) foldNoted(hash)
  hash.numbers[hash.count] = a + 0
  hash.count += 1
}

/** Folds whole rounds; at most three numbers wait for the next one. */
function foldNoted(hash: HashLanes): void {
  const { lanes, words, numbers, count } = hash
  const folded = count & -LANES
  let a = lanes[0]!
  let b = lanes[1]!
  let c = lanes[2]!
  let d = lanes[3]!
  for (let at = 0; at < folded << 1; at += 8) {
    a = folding(a, words[at]!, words[at | 1]!)
    b = folding(b, words[at | 2]!, words[at | 3]!)
    c = folding(c, words[at | 4]!, words[at | 5]!)
    d = folding(d, words[at | 6]!, words[at | 7]!)
  }
  lanes[0] = a
  lanes[1] = b
  lanes[2] = c
  lanes[3] = d
  for (let waiting = folded; waiting < count; waiting += 1) numbers[waiting - folded] = numbers[waiting]!
  hash.count = count - folded
}

/** Tells all lanes apart, and all values of either half of a number; the next round spreads the high one. */
function folding(lane: number, low: number, high: number): number {
  const mixed = Math.imul(lane ^ low, 0xcc9e2d51)
  return (((mixed << 13) | (mixed >>> 19)) + high) | 0
}

/** Two words over everything so far, signed; changed by the next call. */
export function lanesOf(hash: HashLanes): Int32Array {
  foldNoted(hash)
  const { lanes, both, words, count } = hash
  const lane = (index: number): number =>
    // A lane without a number of the begun round has one that no number has: all bits set.
    index < count
      ? folding(lanes[index]!, words[index << 1]!, words[(index << 1) | 1]!)
      : folding(lanes[index]!, -1, -1)
  both[0] = Math.imul(lane(0), 0x85ebca6b) + lane(2)
  both[1] = Math.imul(lane(1), 0xc2b2ae35) + lane(3)
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
