/**
 * Frames of the stream -> inputs. While a connection is being reconciled, inputs wait: of book, touch, context and reference only the
 * last, of the tape nothing (it starts with old prints), of the account's facts everything.
 *
 * A bad frame is dropped whole and reported; an older book or touch never overwrites a newer one.
 * One arm per channel and one rule per kind of fact, about the same state, so the file is long.
 *
 * state   the waiting inputs, times of the last book, touch and funding payment, and two counters
 */
import type {
  BookInput,
  ContextInput,
  FillInput,
  RawInput,
  ReferenceInput,
  TouchInput,
} from '../../core/input.ts'
import { VenueError } from '../errors.ts'
import { decodeFundings } from './decode-account.ts'
import { decodeBbo, decodeReference } from './decode-bbo.ts'
import { decodeBook } from './decode-book.ts'
import { decodeContext } from './decode-context.ts'
import { decodeFills } from './decode-fills.ts'
import { decodeOrderUpdates } from './decode-order-updates.ts'
import { decodeTrades } from './decode-trades.ts'
import { BUFFERED_FACTS_MAX } from './options.ts'
import { type AccountScope, identityOf } from './reconcile.ts'
import { initBookScanner, scanBook, scanTouch } from './scan-book.ts'
import type { BookScanner } from './scan-book.ts'
import { flagOf, recordOf, textOf, type WireRecord } from './wire.ts'

/** Identities of delivered fills that are remembered: far more than one sample holds of our coin. */
const TOLD_FILLS_MAX = 10_000

export interface FeedEvents {
  /** An input to act on now. */
  readonly onInput: (input: RawInput) => void
  /** A frame that was dropped. */
  readonly onBadFrame: (error: VenueError) => void
}

export class Feed {
  readonly #scope: AccountScope
  readonly #events: FeedEvents
  readonly #scanner: BookScanner
  #isLive = false
  #book: BookInput | null = null
  #touch: TouchInput | null = null
  #context: ContextInput | null = null
  #reference: ReferenceInput | null = null
  #facts: RawInput[] = []
  #lastBookTsMs = 0
  #lastTouchTsMs = 0
  #lastReferenceTsMs = 0
  #lastReferenceTicks = 0
  /** Fills up to here were in the position when the session began: they are not new money. Null before that is known. */
  #sessionTsMs: number | null = null
  #lastFillTsMs: number | null = null
  #lastFundingTsMs = 0
  /** Fills told while an account sample is being taken. */
  #meanwhile: Set<string> = new Set()
  /** Fills told, and by whom first: one that a sample told comes once more on the stream, where it is no news. */
  readonly #told: Map<string, 'sample' | 'stream'> = new Map()
  staleFrameCount = 0
  bookFrameCount = 0

  constructor(scope: AccountScope, events: FeedEvents) {
    this.#scope = scope
    this.#events = events
    this.#scanner = initBookScanner(scope.coin, scope.grid)
  }

  get lastFillTsMs(): number | null {
    return this.#lastFillTsMs
  }

  get hasBookAndContext(): boolean {
    return this.#book !== null && this.#context !== null
  }

  /** A new connection: everything waits until `goLive`. A restarted venue may begin at an earlier time. */
  hold(): void {
    this.#isLive = false
    this.#book = null
    this.#touch = null
    this.#context = null
    this.#reference = null
    this.#facts = []
    this.#lastBookTsMs = 0
    this.#lastTouchTsMs = 0
    this.#lastReferenceTsMs = 0
    this.#lastReferenceTicks = 0
  }

  /** Fills from now on are collected for the check of an account sample. */
  watchFills(): ReadonlySet<string> {
    this.#meanwhile = new Set()
    return this.#meanwhile
  }

  /** The first account sample: the position it shows holds all fills and payments up to its time. */
  beginSession(venueTsMs: number): void {
    this.#sessionTsMs = venueTsMs
    this.#lastFillTsMs = venueTsMs
    this.#lastFundingTsMs = venueTsMs
  }

  get hasSession(): boolean {
    return this.#sessionTsMs !== null
  }

  /** What waits of the market comes before the account sample, so that its position can be valued. */
  deliverMarket(): void {
    if (this.#context !== null) this.#events.onInput(this.#context)
    if (this.#book !== null) this.#events.onInput(this.#book)
    const touchIsNewer = this.#touch !== null && this.#touch.venueTsMs >= (this.#book?.venueTsMs ?? 0)
    if (this.#touch !== null && touchIsNewer) this.#events.onInput(this.#touch)
    if (this.#reference !== null) this.#events.onInput(this.#reference)
    this.#book = null
    this.#touch = null
    this.#context = null
    this.#reference = null
  }

  /** Lets go of what waits, in the order in which it came, and delivers directly from now on. */
  goLive(): void {
    this.deliverMarket()
    const facts = this.#facts
    this.#facts = []
    this.#isLive = true
    for (const fact of facts) this.#deliver(fact, 'stream')
  }

  /**
   * Every own fill and funding payment passes here, from the stream and from samples; old ones stop here, and so does what the
   * other way told before: a fill that waited while a connection was joined is in that join's sample, too. What the venue itself
   * says twice on one way is not hidden: the core drops it and counts.
   */
  #deliver(input: RawInput, way: 'sample' | 'stream'): void {
    if (input.kind === 'fill') {
      if (this.#sessionTsMs === null || input.venueTsMs <= this.#sessionTsMs) return
      const identity = identityOf(input)
      const toldBy = this.#told.get(identity)
      this.#remember(identity, toldBy === 'stream' ? 'stream' : way)
      if (toldBy !== undefined && (way === 'sample' || toldBy === 'sample')) return
      this.#lastFillTsMs = Math.max(this.#lastFillTsMs ?? 0, input.venueTsMs)
    }
    if (input.kind === 'fundingPaid') {
      // Snapshots repeat payments; the venue pays a coin at most once an hour, so the time is its identity.
      if (this.#sessionTsMs === null || input.venueTsMs <= this.#lastFundingTsMs) return
      this.#lastFundingTsMs = input.venueTsMs
    }
    this.#events.onInput(input)
  }

  #remember(identity: string, way: 'sample' | 'stream'): void {
    this.#told.set(identity, way)
    if (this.#told.size <= TOLD_FILLS_MAX) return
    for (const oldest of this.#told.keys()) {
      this.#told.delete(oldest)
      return
    }
  }

  /** Fills of a sample that were not told before; the core would drop the others, but its journal would keep them all. */
  deliverSample(fills: readonly FillInput[]): void {
    for (const fill of fills) this.#deliver(fill, 'sample')
  }

  /**
   * The short way of books and touches.
   * @returns whether the frame was one of ours and has been dealt with; else it must come again through `onFrame`
   */
  onBytes(bytes: Uint8Array): boolean {
    const input = scanTouch(this.#scanner, bytes) ?? scanBook(this.#scanner, bytes)
    if (input === null) return false
    if (this.#isNewer(input)) this.#accept(input)
    return true
  }

  /**
   * @param channel of the stream; ones that we did not ask for are ignored
   * @throws VenueError UNREACHABLE when too much waits: the connection must start over
   */
  onFrame(channel: string, data: unknown): void {
    let inputs: readonly RawInput[]
    try {
      inputs = this.#decode(channel, data)
    } catch (error) {
      if (!(error instanceof VenueError)) throw error
      this.#events.onBadFrame(new VenueError(error.code, `${channel}: ${error.message}`))
      return
    }
    for (const input of inputs) this.#accept(input)
  }

  #decode(channel: string, data: unknown): readonly RawInput[] {
    const { coin, grid, account } = this.#scope
    switch (channel) {
      case 'l2Book':
        return isCoin(data, coin) ? this.#newer(decodeBook(data, grid)) : []
      case 'bbo':
        return isCoin(data, coin) ? this.#newer(decodeBbo(data, grid)) : this.#decodeReference(data)
      case 'trades':
        return decodeTrades(data, coin, grid)
      case 'activeAssetCtx':
        return isCoin(data, coin) ? [decodeContext(data, grid)] : []
      case 'orderUpdates':
        return decodeOrderUpdates(data, coin, grid)
      case 'userFills':
        return isUser(data, account) ? this.#decodeFillFrame(recordOf(data, 'userFills')) : []
      case 'userFundings':
        return isUser(data, account) ? decodeFundings(data, coin) : []
      default:
        return []
    }
  }

  /** The other market that we listen to; a change of sizes alone is no news of its mid. */
  #decodeReference(data: unknown): readonly RawInput[] {
    const { reference = null, grid } = this.#scope
    if (reference === null || !isCoin(data, reference.coin)) return []
    const input = decodeReference(data, reference.grid, grid)
    if (input === null || input.venueTsMs < this.#lastReferenceTsMs) return []
    this.#lastReferenceTsMs = input.venueTsMs
    if (input.midTicks === this.#lastReferenceTicks) return []
    this.#lastReferenceTicks = input.midTicks
    return [input]
  }

  /** The snapshot at the start of a subscription repeats up to 2 000 old fills: the account sample has the ones that count. */
  #decodeFillFrame(frame: WireRecord): readonly RawInput[] {
    return flagOf(frame, 'isSnapshot') ? [] : decodeFills(frame['fills'], this.#scope)
  }

  #newer(input: BookInput | TouchInput): readonly RawInput[] {
    return this.#isNewer(input) ? [input] : []
  }

  #isNewer(input: BookInput | TouchInput): boolean {
    const lastTsMs = input.kind === 'book' ? this.#lastBookTsMs : this.#lastTouchTsMs
    if (input.kind === 'book') this.bookFrameCount += 1
    if (input.venueTsMs < lastTsMs) {
      this.staleFrameCount += 1
      return false
    }
    if (input.kind === 'book') this.#lastBookTsMs = input.venueTsMs
    else this.#lastTouchTsMs = input.venueTsMs
    return true
  }

  #accept(input: RawInput): void {
    if (input.kind === 'fill') this.#meanwhile.add(identityOf(input))
    if (this.#isLive) {
      this.#deliver(input, 'stream')
      return
    }
    if (input.kind === 'book') this.#book = input
    else if (input.kind === 'touch') this.#touch = input
    else if (input.kind === 'context') this.#context = input
    else if (input.kind === 'reference') this.#reference = input
    else if (input.kind !== 'trade') this.#facts.push(input)
    if (this.#facts.length > BUFFERED_FACTS_MAX) {
      throw new VenueError(
        'UNREACHABLE',
        `more than ${BUFFERED_FACTS_MAX} facts wait for the account to be read`,
      )
    }
  }
}

/** Coins differ by letter case (`kPEPE`), addresses do not. */
function isCoin(data: unknown, coin: string): boolean {
  return textOf(recordOf(data, 'frame'), 'coin') === coin
}

function isUser(data: unknown, account: string): boolean {
  return textOf(recordOf(data, 'frame'), 'user').toLowerCase() === account
}
