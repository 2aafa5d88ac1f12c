/** A tape with another future: cut off at a time, or with all that comes after it in another order. */
import { initSfc32, nextBelow } from '../core/math/sfc32.ts'
import type { TapeRecord, TapeSource } from '../simulation/tape.ts'

/** Nothing after `cutTsMs` is there. */
export function truncatedTape(tape: TapeSource, cutTsMs: number): TapeSource {
  return withRecords(tape, () => {
    const record = tape.next()
    return record === null || record.tsMs > cutTsMs ? null : record
  })
}

/** Records that change places with one another; a whole recording need not fit in memory. */
const SHUFFLE_WINDOW = 4_096

/** After `cutTsMs` the records come in another order, at the times that were there. The same seed, the same order. */
export function shuffledTape(tape: TapeSource, cutTsMs: number, seed: number): TapeSource {
  const random = initSfc32(seed)
  let window: TapeRecord[] = []
  let next = 0
  let ahead: TapeRecord | null = null
  const refill = (): void => {
    const times: number[] = []
    window = []
    next = 0
    for (let record = ahead ?? tape.next(); record !== null; record = tape.next()) {
      window.push(record)
      times.push(record.tsMs)
      if (window.length === SHUFFLE_WINDOW) break
    }
    ahead = null
    for (let index = window.length - 1; index > 0; index -= 1) {
      const other = nextBelow(random, index + 1)
      const [one, two] = [window[index], window[other]]
      if (one === undefined || two === undefined) continue
      window[index] = two
      window[other] = one
    }
    window = window.map((record, index) => ({ ...record, tsMs: times[index] ?? record.tsMs }))
  }
  let isAfter = false
  return withRecords(tape, () => {
    if (!isAfter) {
      const record = tape.next()
      if (record === null || record.tsMs <= cutTsMs) return record
      isAfter = true
      ahead = record
    }
    if (next === window.length) refill()
    const record = window[next] ?? null
    next += 1
    return record
  })
}

function withRecords(tape: TapeSource, next: () => TapeRecord | null): TapeSource {
  const { path, symbol, coin, reference, firstTsMs, firstMidUsd, counters, firstDamage } = tape
  return { path, symbol, coin, reference, firstTsMs, firstMidUsd, counters, firstDamage, next }
}
