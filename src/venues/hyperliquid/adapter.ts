/**
 * Hyperliquid as a venue: commands out, inputs in. It translates, and decides nothing: no order is repeated, repriced or
 * withheld here for a reason of trading.
 *
 * All of the port in one place, so the file is long; what each method does stands in its own file.
 * @see src/venues/port.ts for what callers rely on
 */
import type { Approved, Command } from '../../core/command.ts'
import type { RawInput } from '../../core/input.ts'
import type { MarketSpec } from '../../core/market.ts'
import { VenueError } from '../errors.ts'
import type { InputListener, VenuePort } from '../port.ts'
import { cancelAllOrders } from './cancel-all.ts'
import { type Collateral, openCollateral, sendCollateral } from './collateral.ts'
import { type DeadMan, type DeadManState, startDeadMan } from './dead-man.ts'
import { decodeOrderStatus } from './decode-order-updates.ts'
import { type ExchangeClient, openExchangeClient, post } from './exchange-client.ts'
import { ask, type Hex, openInfo, type VenueInfo } from './info.ts'
import { Link } from './link.ts'
import { changeOf, type ReferenceMarket, resolveMarket, resolveReference } from './market.ts'
import {
  CANCELS_IN_FLIGHT_MAX,
  EXPIRY_MARGIN_MS,
  type HyperliquidOptions,
  REQUESTS_IN_FLIGHT_MAX,
} from './options.ts'
import { initCap } from './open-interest.ts'
import { outcomesOf, refusalsOf } from './outcomes.ts'
import { type Batch, planBatches } from './plan.ts'
import { prepareAccount, vaultAddressOf } from './prepare.ts'
import { initOwnOrders, isOurs, noteInput, noteSent, type OwnOrders } from './own-orders.ts'
import type { AccountScope } from './reconcile.ts'
import { actionWeight, mayOrderByWeight, usedWeight } from './weight.ts'

const ADDRESS_PATTERN = /^0x[0-9a-f]{40}$/

/** What the adapter has seen, for metrics. */
export interface HyperliquidStats {
  readonly badFrameCount: number
  /** Books and touches that came after newer ones. */
  readonly staleFrameCount: number
  readonly reconnectCount: number
  readonly isUp: boolean
  /** Request weight of our address of origin in the last minute; the venue takes `WEIGHT_PER_MINUTE_MAX`. */
  readonly weightUsed: number
  readonly deadMan: DeadManState
}

export interface HyperliquidVenue extends VenuePort {
  readonly stats: HyperliquidStats
}

/**
 * Reads the market from the venue; `connect` does the rest.
 * @throws VenueError UNREACHABLE, UNKNOWN_DEX, UNKNOWN_COIN; REFUSED when the key may not trade for the account
 */
export async function openHyperliquid(options: HyperliquidOptions): Promise<HyperliquidVenue> {
  const account = addressOf(options.account)
  const info = openInfo(options)
  const market = await resolveMarket(info, { ...options, account })
  const reference = await resolveReference(info, options.reference ?? '', market)
  const { wallet, nowMs, onSent, nonces } = options
  const vaultAddress =
    wallet === null ? null : await vaultAddressOf(info, account, wallet.address.toLowerCase())
  const client =
    wallet === null ? null : openExchangeClient({ info, wallet, vaultAddress, nowMs, onSent, nonces })
  const source = options.collateralSource
  const signer = wallet?.address.toLowerCase()
  const collateral =
    source === undefined || signer === undefined
      ? null
      : await openCollateral(info, { source, account, signer, market })
  return new Hyperliquid({ options, info, market, reference, client, collateral, account })
}

function addressOf(text: string): Hex {
  const address = text.toLowerCase()
  if (!ADDRESS_PATTERN.test(address)) {
    throw new VenueError(
      'REFUSED',
      `${text} is no account address: 0x and 40 hexadecimal digits are expected`,
    )
  }
  return address as Hex // Just checked.
}

interface Parts {
  readonly options: HyperliquidOptions
  readonly info: VenueInfo
  readonly market: MarketSpec
  readonly reference: ReferenceMarket | null
  readonly client: ExchangeClient | null
  /** Null: no collateral is moved. */
  readonly collateral: Collateral | null
  readonly account: Hex
}

/** An action with orders on its way; `cloids` are those whose fate nobody has told yet. */
interface Flight {
  readonly expiresAfterMs: number
  readonly cloids: Set<string>
}

class Hyperliquid implements HyperliquidVenue {
  readonly market: MarketSpec
  readonly account: Hex
  readonly requestCounts: Readonly<Record<string, number>>
  readonly #parts: Parts
  readonly #scope: AccountScope
  #link: Link | null = null
  #deadMan: DeadMan | null = null
  /** An order was sent, and nobody has confirmed since that nothing of ours rests. */
  #mayRest = false
  #listener: InputListener | null = null
  /** Actions with orders that have no answer: until they expire these may still reach the book. */
  readonly #unanswered: Set<Flight> = new Set()
  readonly #own: OwnOrders = initOwnOrders()

  constructor(parts: Parts) {
    this.market = parts.market
    this.account = parts.account
    this.requestCounts = parts.info.counts
    this.#parts = parts
    const { coin, grid, dex } = parts.market
    this.#scope = {
      coin,
      grid,
      dex,
      account: parts.account,
      collateral: parts.collateral,
      reference: parts.reference,
      cap: initCap(() => performance.now()),
    }
  }

  get stats(): HyperliquidStats {
    const link = this.#link
    return {
      badFrameCount: link?.badFrameCount ?? 0,
      staleFrameCount: link?.staleFrameCount ?? 0,
      reconnectCount: link?.reconnectCount ?? 0,
      isUp: link?.isUp ?? false,
      weightUsed: usedWeight(this.#parts.info.weight),
      deadMan: this.#deadMan?.state ?? 'off',
    }
  }

  async connect(listener: InputListener): Promise<void> {
    if (this.#link !== null)
      throw new VenueError('REFUSED', 'this venue is connected already: open another one')
    const { options, info, client, market } = this.#parts
    this.#listener = listener
    if (client !== null) {
      const { initialIsolatedMarginUsd, leverage = 0, log } = options
      await prepareAccount({ client, scope: this.#scope, market, initialIsolatedMarginUsd, leverage, log })
    }
    const change = (): Promise<string | null> => changeOf(info, market)
    const hear = (input: RawInput): void => this.#hear(input)
    this.#link = new Link({ options, info, scope: this.#scope, changeOf: change, listener: hear })
    try {
      await this.#link.connect()
    } catch (error) {
      await this.close()
      throw error
    }
    const leadMs = options.deadManLeadMs ?? 0
    if (client !== null && leadMs > 0) this.#deadMan = startDeadMan({ ...options, client, leadMs })
  }

  send(commands: readonly Approved[]): void {
    for (const batch of planBatches(commands, this.market)) this.#sendBatch(batch)
    for (const command of commands) this.#sendSingle(command)
  }

  #sendSingle(command: Command): void {
    switch (command.kind) {
      case 'queryOrder':
        void this.#queryOrder(command.cloid)
        return
      case 'resync':
        this.#link?.resync()
        return
      case 'addMargin':
        void this.#changeMargin(command.amountMicroUsd)
        return
      case 'releaseMargin':
        void this.#changeMargin(-command.amountMicroUsd)
        return
      case 'moveCollateral':
        void this.#moveCollateral(command.amountMicroUsd)
        return
      case 'place':
      case 'modify':
      case 'cancel':
        return // In the batches.
    }
  }

  #sendBatch(batch: Batch): void {
    const { client, options } = this.#parts
    if (client === null) {
      this.#emit(refusalsOf(batch, 'unknown', 'read only: there is no key to sign with'))
      return
    }
    const inFlightMax = batch.kind === 'cancel' ? CANCELS_IN_FLIGHT_MAX : REQUESTS_IN_FLIGHT_MAX
    if (client.inFlightCount >= inFlightMax) {
      this.#emit(refusalsOf(batch, 'rate', `not sent: ${client.inFlightCount} requests are unanswered`))
      return
    }
    if (
      batch.kind !== 'cancel' &&
      !mayOrderByWeight(client.info.weight, actionWeight(batch.commands.length))
    ) {
      this.#emit(refusalsOf(batch, 'rate', 'not sent: the request weight of this address is spent'))
      return
    }
    const expiresAfterMs = batch.kind === 'cancel' ? null : options.nowMs() + options.submitExpiryMs
    void this.#settle(client, batch, expiresAfterMs)
  }

  async #settle(client: ExchangeClient, batch: Batch, expiresAfterMs: number | null): Promise<void> {
    const { log } = this.#parts.options
    const flight = expiresAfterMs === null ? null : { expiresAfterMs, cloids: new Set(newCloidsOf(batch)) }
    this.#forgetExpired()
    if (flight !== null) this.#unanswered.add(flight)
    for (const cloid of flight?.cloids ?? []) noteSent(this.#own, cloid)
    if (flight !== null) this.#mayRest = true
    const answer = await post(client, batch.action, expiresAfterMs)
    if (flight !== null && answer.kind !== 'lost') this.#unanswered.delete(flight)
    if (answer.kind !== 'statuses') {
      log('warn', `${batch.action.type} of ${batch.commands.length} was ${answer.kind}`, {
        because: answer.text,
      })
    }
    this.#emit(outcomesOf(batch, answer, this.market.grid))
  }

  /** When the last order without an answer is dead for sure; 0 when there is none. */
  #quietFromMs(): number {
    this.#forgetExpired()
    let quietFromMs = 0
    for (const flight of this.#unanswered) {
      quietFromMs = Math.max(quietFromMs, flight.expiresAfterMs + EXPIRY_MARGIN_MS)
    }
    return quietFromMs
  }

  /** Everything for the core passes here; what it says about an order ends the waiting for that order's answer. */
  #hear(input: RawInput): void {
    noteInput(this.#own, input)
    if (input.kind === 'orderUpdate' || input.kind === 'fill') this.#settleFate(input.cloid)
    if (input.kind === 'orderStatus' && input.status !== 'unknown') this.#settleFate(input.cloid)
    this.#listener?.(input)
  }

  #settleFate(cloid: string | null): void {
    if (cloid === null) return
    for (const flight of this.#unanswered) {
      if (flight.cloids.delete(cloid) && flight.cloids.size === 0) this.#unanswered.delete(flight)
    }
  }

  #forgetExpired(): void {
    const nowMs = this.#parts.options.nowMs()
    for (const flight of this.#unanswered) {
      if (flight.expiresAfterMs + EXPIRY_MARGIN_MS <= nowMs) this.#unanswered.delete(flight)
    }
  }

  /** A question that stays unanswered gives no input: the core asks again. */
  async #queryOrder(cloid: string): Promise<void> {
    const { info, options, account } = this.#parts
    try {
      // Past the SDK's client, which reads a client id with a small value as the number of some other order.
      const request = { type: 'orderStatus', user: account, oid: cloid }
      const answer = await ask(info, 'orderStatus', () => info.transport.request('info', request))
      this.#emit([decodeOrderStatus(answer, { cloid, grid: this.market.grid, venueTsMs: options.nowMs() })])
    } catch (error) {
      if (!(error instanceof VenueError)) throw error
      options.log('warn', 'an order query failed', { cloid, because: error.message })
    }
  }

  /** Whatever the answer, the account's next sample tells what the margin is. */
  async #changeMargin(deltaMicroUsd: number): Promise<void> {
    const { client, options } = this.#parts
    if (client === null) return
    const { assetId } = this.market
    const action = { type: 'updateIsolatedMargin', asset: assetId, isBuy: true, ntli: deltaMicroUsd } as const
    const answer = await post(client, action, null)
    if (answer.kind !== 'statuses')
      options.log('warn', 'the margin was not changed', { deltaMicroUsd, because: answer.text })
    this.#link?.resync()
  }

  async #moveCollateral(amountMicroUsd: number): Promise<void> {
    const { client, collateral, options } = this.#parts
    if (client === null || collateral === null) return
    const answer = await sendCollateral(client, collateral, amountMicroUsd)
    const fields = { amountMicroUsd, from: collateral.source, to: this.market.dex }
    if (answer.kind === 'statuses') options.log('info', 'collateral was moved', fields)
    else options.log('warn', 'collateral was not moved', { ...fields, because: answer.text })
    this.#link?.resync()
  }

  async cancelAll(): Promise<number> {
    const { info, client, options } = this.#parts
    const resting = await cancelAllOrders({
      info,
      client,
      scope: this.#scope,
      market: this.market,
      isOurs: (order) => isOurs(this.#own, this.market.network, order),
      onListed: (orders) => {
        for (const { cloid } of orders) this.#settleFate(cloid)
      },
      quietFromMs: () => this.#quietFromMs(),
      nowMs: options.nowMs,
      log: options.log,
    })
    this.#mayRest = resting > 0
    return resting
  }

  async close(): Promise<void> {
    this.#listener = null
    if (this.#mayRest) await this.#deadMan?.leave()
    else await this.#deadMan?.stop()
    const link = this.#link
    await link?.close()
  }

  #emit(inputs: readonly RawInput[]): void {
    for (const input of inputs) this.#hear(input)
  }
}

/** Client ids that come into being with this batch. */
function newCloidsOf(batch: Batch): string[] {
  return batch.kind === 'cancel' ? [] : batch.commands.map(({ order }) => order.cloid)
}
