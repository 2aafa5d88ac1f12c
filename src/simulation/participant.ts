/**
 * Who trades on the embedded exchange besides the account under test. A participant is asked once after each block, sees
 * what is public plus the events of that block, and pushes commands. It owns its seeded generator and its plain state.
 */
import { assert, isWhole } from '../core/assert.ts'
import { hashToHex, initHash, mixText, mixUint32 } from '../core/math/state-hash.ts'
import { initSfc32 } from '../core/math/sfc32.ts'
import type { Sfc32 } from '../core/math/sfc32.ts'
import type { Address, ExchangeCommand } from '../exchange/command.ts'
import type { ExchangeEvent } from '../exchange/event.ts'
import type { Exchange } from '../exchange/exchange.ts'

/** What a participant sees after a block. Read only: the exchange is changed by commands alone. */
export interface WorldView {
  readonly exchange: Exchange
  /** Time of the block that just ran. */
  readonly tsMs: number
  readonly blockMs: number
  /** What that block did, in order. */
  readonly events: readonly ExchangeEvent[]
}

export interface Participant {
  /** Unique in its world; names the account and the random stream. */
  readonly name: string
  /** The main account; price processes have one too and never use it. */
  readonly account: Address
  /** Run once at genesis, before the first block: deposits and the first oracle prices. */
  readonly genesis: readonly ExchangeCommand[]
  /** Blocks that its commands travel: 0 joins the next block, like an order over the wire that comes in time for it. */
  readonly latencyBlocks: number
  onBlock(view: WorldView, out: ExchangeCommand[]): void
  /** True once nothing new will come from it; left out by participants that never end. */
  isFinished?(): boolean
  /** Middle of the reference market that it plays beside, dollars; 0: not yet. Left out by those that play none. */
  referenceUsd?(): number
}

/** Latencies beyond this are refused: the world keeps one queue for each block of latency. */
export const LATENCY_BLOCKS_MAX = 64

/** @throws InvariantError when a name comes twice or a latency is out of range */
export function checkParticipants(participants: readonly Participant[]): void {
  const names = new Set<string>()
  for (const { name, latencyBlocks } of participants) {
    assert(!names.has(name), `participants have different names (${name} comes twice)`)
    names.add(name)
    assert(
      isWhole(latencyBlocks) && latencyBlocks >= 0 && latencyBlocks <= LATENCY_BLOCKS_MAX,
      `the latency of ${name} is 0…${LATENCY_BLOCKS_MAX} blocks`,
    )
  }
}

/** A stable address for a name: 0x + 40 hexadecimal digits. Nobody holds its key. */
export function addressOf(name: string): Address {
  let digits = ''
  for (let part = 0; part < 3; part += 1) {
    const hash = initHash()
    mixUint32(hash, part)
    mixText(hash, name)
    digits += hashToHex(hash)
  }
  return `0x${digits.slice(0, 40)}`
}

/** A client id for the `count`-th order of a name: 0x + 32 hexadecimal digits. */
export function cloidOf(of: { readonly prefix: string; readonly count: number }): string {
  return `0x${of.prefix}${of.count.toString(16).padStart(16, '0')}`
}

/** The client ids of one name, one after the other. */
export interface CloidSource {
  readonly prefix: string
  /** Of the last one; 0 before the first. */
  count: number
  /** All digits but the last two, which change every 256 orders. */
  head: string
}

export function initCloids(name: string): CloidSource {
  const prefix = cloidPrefixOf(name)
  return { prefix, count: 0, head: cloidOf({ prefix, count: 0 }).slice(0, -2) }
}

/** The same as `cloidOf` for the next count, with less to do. */
export function nextCloid(source: CloidSource): string {
  const { prefix } = source
  const count = source.count + 1
  source.count = count
  const tail = count % TAILS.length
  if (tail === 0) source.head = cloidOf({ prefix, count }).slice(0, -2)
  return source.head + (TAILS[tail] ?? '')
}

/** Two hexadecimal digits. */
const TAILS: readonly string[] = Array.from({ length: 256 }, (_, tail) => tail.toString(16).padStart(2, '0'))

/** The first 16 digits of a name's client ids. */
export function cloidPrefixOf(name: string): string {
  const hash = initHash()
  mixText(hash, `cloid ${name}`)
  return hashToHex(hash)
}

/** The random stream of a participant: it depends on seed and name alone, so adding another participant changes no draw. */
export function streamOf(seed: number, name: string): Sfc32 {
  const hash = initHash()
  mixText(hash, name)
  return initSfc32(seed, hash.low)
}
