/**
 * The life of the connection: open, wait for acknowledgements, reconcile, let the stream through, say `up`; at its end say
 * `down` at once, wait, and do it all again.
 *
 *     down ──> joining (frames wait) ──> account sample ──> waiting frames ──> up ──┐
 *       ^────────────────── lost, silent, or too many bad frames ──────────────────┘
 *
 * The file is long because these steps share one state: which stream counts, and whether we are up.
 */
import type { InputListener } from '../port.ts'
import { VenueError } from '../errors.ts'
import { type BadFrames, initBadFrames, noteBadFrame } from './bad-frames.ts'
import { type Backoff, initBackoff, nextDelayMs, noteConnection } from './backoff.ts'
import { watchBooks } from './book-watch.ts'
import { Feed } from './feed.ts'
import type { VenueInfo } from './info.ts'
import {
  BAD_FRAMES_PER_MINUTE_MAX,
  CLOSE_MS_MAX,
  FIRST_CONNECT_ATTEMPTS_MAX,
  FIRST_FRAMES_MS_MAX,
  type HyperliquidOptions,
  REQUEST_TIMEOUT_MS,
  RETRY_WAIT_MS,
  STABLE_CONNECTION_MS,
} from './options.ts'
import { pause } from './pause.ts'
import { type AccountScope, type Sample, sampleAccount } from './reconcile.ts'
import { openStream, type Stream } from './stream.ts'

/** First frames are looked for this often, ms. */
const FIRST_FRAMES_POLL_MS = 10

export interface LinkOptions {
  readonly options: HyperliquidOptions
  readonly info: VenueInfo
  readonly scope: AccountScope
  /** Looks at the venue before a later connection is used. @returns why it must not be, or null */
  readonly changeOf: () => Promise<string | null>
  readonly listener: InputListener
}

export class Link {
  readonly #of: LinkOptions
  readonly #feed: Feed
  readonly #backoff: Backoff
  readonly #end: AbortController = new AbortController()
  #stream: Stream | null = null
  /** Counts connections: what an older one still says is not heard. */
  #generation = 0
  #isUp = false
  #upSinceMs = 0
  #wake: (() => void) | null = null
  #isSampling = false
  #mustSampleAgain = false
  readonly #badFrames: BadFrames = initBadFrames()
  #stopWatch: () => void = () => undefined
  #lastError: VenueError | null = null
  #running: Promise<void> = Promise.resolve()
  reconnectCount = 0

  constructor(of: LinkOptions) {
    this.#of = of
    this.#feed = new Feed(of.scope, {
      onInput: (input) => this.#emit(input),
      onBadFrame: (error) => this.#onBadFrame(error.message),
    })
    const { reconnectDelayMsMin, reconnectDelayMsMax } = of.options
    this.#backoff = initBackoff({ delayMsMin: reconnectDelayMsMin, delayMsMax: reconnectDelayMsMax })
  }

  get isUp(): boolean {
    return this.#isUp
  }

  get badFrameCount(): number {
    return this.#badFrames.totalCount
  }

  get staleFrameCount(): number {
    return this.#feed.staleFrameCount
  }

  /** @throws VenueError when the venue cannot be reached at first */
  async connect(): Promise<void> {
    for (let attempt = 1; !(await this.#joined()); attempt += 1) {
      if (this.#lastError !== null && (attempt === FIRST_CONNECT_ATTEMPTS_MAX || this.#end.signal.aborted)) {
        throw this.#lastError
      }
      await pause(nextDelayMs(this.#backoff, performance.now()), this.#end.signal)
    }
    this.#running = this.#keepUp()
  }

  async close(): Promise<void> {
    this.#end.abort()
    this.#wake?.()
    this.#stopWatch()
    this.#generation += 1
    this.#isUp = false
    const stream = this.#stream
    this.#stream = null
    await stream?.close()
    // A join may be waiting for a venue that does not answer; what it still does ends without effect.
    const limit = new AbortController()
    await Promise.race([this.#running, pause(CLOSE_MS_MAX, limit.signal)])
    limit.abort()
  }

  /** Asks for the account's truth; the answer ends with an `account` input. While down, or asking already: afterwards. */
  resync(): void {
    if (this.#of.options.isPublicOnly === true) return
    if (this.#isUp && !this.#isSampling) void this.#sampleWhileUp(this.#generation)
    else this.#mustSampleAgain = true
  }

  /** @returns whether a connection stands and was reconciled; else `#lastError` says why not */
  async #joined(): Promise<boolean> {
    try {
      await this.#join()
      return true
    } catch (error) {
      if (!(error instanceof VenueError)) throw error
      this.#lastError = error
      this.#generation += 1
      const stream = this.#stream
      this.#stream = null
      await stream?.close()
      this.#of.options.log('warn', 'the venue cannot be joined', { because: error.message })
      return false
    }
  }

  async #join(): Promise<void> {
    const { options, info, scope } = this.#of
    const generation = (this.#generation += 1)
    const isCurrent = (): boolean => generation === this.#generation
    noteConnection(this.#backoff, performance.now())
    this.#feed.hold()
    this.#mustSampleAgain = false
    let lostBecause: string | null = null
    const stream = await openStream(
      {
        url: options.wsUrl,
        isTestnet: options.isTestnet,
        timeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
        coin: scope.coin,
        referenceCoin: scope.reference?.coin ?? null,
        account: options.isPublicOnly === true ? null : scope.account,
        counts: info.counts,
      },
      {
        // Frames of a connection that was given up are nobody's.
        onBytes: (bytes) => !isCurrent() || this.#feed.onBytes(bytes),
        onFrame: (channel, data) => {
          if (isCurrent()) this.#onFrame(channel, data)
        },
        onGarbage: (text) => {
          if (isCurrent()) this.#onBadFrame(`no message: ${text.slice(0, 80)}`)
        },
        onLost: (because) => {
          lostBecause = because
          if (isCurrent()) this.#lose(because)
        },
      },
    )
    this.#stream = stream
    const checkHeld = (): void => {
      if (lostBecause !== null || !isCurrent() || this.#end.signal.aborted) {
        throw new VenueError(
          'UNREACHABLE',
          `${options.wsUrl}: ${lostBecause ?? 'the connection was given up'}`,
        )
      }
    }
    await this.#awaitFirstFrames(checkHeld)
    if (this.#feed.hasSession) await this.#checkMarket()
    checkHeld()
    const sample = await this.#sampleToJoin()
    checkHeld()
    if (!this.#feed.hasSession) this.#feed.beginSession(sample?.account.venueTsMs ?? 0)
    this.#feed.deliverMarket()
    if (sample !== null) this.#deliverSample(sample)
    this.#feed.goLive()
    this.#isUp = true
    this.#upSinceMs = performance.now()
    this.#startWatch()
    this.#emit({ kind: 'connection', up: true, text: `joined ${options.wsUrl}` })
    if (this.#mustSampleAgain) this.resync()
  }

  /** @returns null where there is no account to look at */
  async #sampleToJoin(): Promise<Sample | null> {
    const { options, info, scope } = this.#of
    if (options.isPublicOnly === true) return null
    return sampleAccount(info, scope, this.#feed.lastFillTsMs, this.#feed.watchFills())
  }

  /** A book and a context make the account's position worth something; a market without them is still joined. */
  async #awaitFirstFrames(checkHeld: () => void): Promise<void> {
    const untilMs = performance.now() + FIRST_FRAMES_MS_MAX
    while (!this.#feed.hasBookAndContext && performance.now() < untilMs) {
      await pause(FIRST_FRAMES_POLL_MS, this.#end.signal)
      checkHeld()
    }
  }

  async #checkMarket(): Promise<void> {
    const change = await this.#of.changeOf()
    if (change === null) return
    this.#of.options.log('error', 'the market changed while we were away: restart to trade it', { change })
    throw new VenueError('UNKNOWN_COIN', `${change}: restart to trade it`)
  }

  /** Runs until the end: sleeps while a connection holds, joins again when it is lost. */
  async #keepUp(): Promise<void> {
    const { signal } = this.#end
    while (!signal.aborted) {
      if (this.#isUp) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        continue
      }
      if (performance.now() - this.#upSinceMs >= STABLE_CONNECTION_MS) this.#backoff.failureCount = 0
      this.#upSinceMs = Number.POSITIVE_INFINITY
      await pause(nextDelayMs(this.#backoff, performance.now()), signal)
      if (signal.aborted) return
      this.reconnectCount += 1
      await this.#joined()
    }
  }

  #onFrame(channel: string, data: unknown): void {
    try {
      this.#feed.onFrame(channel, data)
    } catch (error) {
      if (!(error instanceof VenueError)) throw error
      this.#lose(error.message)
    }
  }

  #onBadFrame(because: string): void {
    this.#of.options.log('warn', 'a frame was dropped', { because })
    const verdict = noteBadFrame(this.#badFrames, performance.now())
    if (verdict === 'resync') this.resync()
    if (verdict === 'giveUp') {
      this.#lose(`more than ${BAD_FRAMES_PER_MINUTE_MAX} bad frames in a minute, the last: ${because}`)
    }
  }

  #lose(because: string): void {
    this.#generation += 1
    const stream = this.#stream
    this.#stream = null
    this.#stopWatch()
    if (stream !== null) void stream.close()
    if (!this.#isUp) return
    this.#isUp = false
    this.#of.options.log('warn', 'the connection is lost', { because })
    this.#emit({ kind: 'connection', up: false, text: because })
    this.#wake?.()
  }

  async #sampleWhileUp(generation: number): Promise<void> {
    const { info, scope } = this.#of
    this.#isSampling = true
    this.#mustSampleAgain = false
    try {
      const seen = this.#feed.watchFills()
      const sample = await sampleAccount(info, scope, this.#feed.lastFillTsMs, seen)
      if (generation === this.#generation) this.#deliverSample(sample)
      // Whoever asked meanwhile may know of something newer; the wait keeps a storm of questions within the venue's limits.
      if (this.#mustSampleAgain) await pause(RETRY_WAIT_MS, this.#end.signal)
    } catch (error) {
      if (!(error instanceof VenueError)) throw error
      // A failed question is not an empty account: without the truth there is no quoting.
      if (generation === this.#generation) this.#lose(error.message)
    } finally {
      this.#isSampling = false
    }
    if (this.#isUp && this.#mustSampleAgain) this.resync()
  }

  #deliverSample(sample: Sample): void {
    this.#feed.deliverSample(sample.fills)
    this.#emit(sample.budget)
    this.#emit(sample.account)
  }

  #startWatch(): void {
    this.#stopWatch = watchBooks(this.#of.options.bookSilenceMsMax, {
      bookCount: () => this.#feed.bookFrameCount,
      onSilent: () => void this.#renewBook(this.#generation),
      onDead: (silentMs) => this.#lose(`no book for ${silentMs} ms`),
    })
  }

  async #renewBook(generation: number): Promise<void> {
    this.#of.options.log('warn', 'no book comes: the subscription is renewed')
    try {
      await this.#stream?.renewBook()
    } catch (error) {
      if (!(error instanceof VenueError)) throw error
      if (generation === this.#generation) this.#lose(error.message)
    }
  }

  #emit(input: Parameters<InputListener>[0]): void {
    if (!this.#end.signal.aborted) this.#of.listener(input)
  }
}
