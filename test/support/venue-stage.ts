/**
 * A stage for tests of the venue adapter: a still embedded exchange on a real port (no simulated traders, so that nothing
 * happens but what the test does), a wire that can fail, and adapters that write down every input.
 */
import type { Approved, Command, NewOrder } from '../../src/core/command.ts'
import type { RawInput } from '../../src/core/input.ts'
import type { AccountAction, ExchangeCommand, OrderRequest } from '../../src/exchange/command.ts'
import { type Server, startServer } from '../../src/server/server.ts'
import { type Wallet, walletOf } from '../../src/signing/wallet.ts'
import { buildWorld } from '../../src/simulation/default-market.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { advance, submit, type World } from '../../src/simulation/world.ts'
import { type HyperliquidVenue, openHyperliquid } from '../../src/venues/hyperliquid/adapter.ts'
import type { HyperliquidOptions } from '../../src/venues/hyperliquid/options.ts'
import { toCommand } from '../../src/simulation/agent-account.ts'
import { openWireProxy, type WireProxy } from './wire-proxy.ts'

export const BOT: Wallet = walletOf(`0x${'a1'.repeat(32)}`)
export const STRANGER: Wallet = walletOf(`0x${'b2'.repeat(32)}`)
export const POOR: Wallet = walletOf(`0x${'c3'.repeat(32)}`)
const DEPOSIT_MICRO_USD = 100_000_000_000
const BLOCK_MS = 20
/** On `hyna:ETH`. */
const PLAIN = { assetId: 110001, reduceOnly: false, tif: 'Gtc', trigger: null, cloid: null } as const
/** Longest wait for a condition, ms: far beyond what any needs, so that a failure says what was awaited. */
const WAIT_MS_MAX = 20_000
const POLL_MS = 5

export interface Player {
  readonly venue: HyperliquidVenue
  /** Every input so far, in order. */
  readonly inputs: RawInput[]
  readonly logs: string[]
  send(...commands: Command[]): void
  /** Waits for an input of a kind that fits; looks at those from `since` on. */
  awaitInput<Kind extends RawInput['kind']>(
    kind: Kind,
    fits?: (input: Extract<RawInput, { kind: Kind }>) => boolean,
    since?: number,
  ): Promise<Extract<RawInput, { kind: Kind }>>
  inputsOf<Kind extends RawInput['kind']>(kind: Kind): Extract<RawInput, { kind: Kind }>[]
}

export interface Stage {
  readonly world: World
  readonly server: Server
  readonly proxy: WireProxy
  readonly shiftMs: number
  /** Opens and connects an adapter over the proxy. */
  play(options?: Partial<HyperliquidOptions>): Promise<Player>
  open(options?: Partial<HyperliquidOptions>): Promise<Player>
  /** Puts an action of an account straight into the next block, past the wire. */
  act(account: string, action: AccountAction): Promise<void>
  order(
    account: string,
    order: Partial<OrderRequest> & Pick<OrderRequest, 'side' | 'priceTicks' | 'sizeLots'>,
  ): Promise<void>
  /** The stranger sells many times in one block. */
  sellBurst(of: {
    readonly priceTicks: number
    readonly sizeLots: number
    readonly count: number
  }): Promise<void>
  close(): Promise<void>
}

/** @param shiftMs of the clocks of the exchange and of every adapter from the true one: another time of day */
export async function openStage(shiftMs = 0): Promise<Stage> {
  const nowMs = (): number => Date.now() + shiftMs
  const spec = defaultVenue()
  const genesis: ExchangeCommand[] = [BOT, STRANGER].flatMap(({ address }) =>
    spec.dexs.map((dex) => ({
      kind: 'deposit' as const,
      account: address,
      dexIndex: dex.index,
      amountMicroUsd: DEPOSIT_MICRO_USD,
    })),
  )
  const bank = {
    name: 'bank',
    account: STRANGER.address,
    genesis,
    latencyBlocks: 0,
    onBlock: () => undefined,
  }
  const world = buildWorld({
    spec,
    seed: 11,
    blockMs: BLOCK_MS,
    startTsMs: nowMs(),
    markets: [],
    extra: [bank],
  })
  const server = await startServer({ world, spec, port: 0, network: 'testnet' })
  const proxy = await openWireProxy(server.url)
  const players: Player[] = []
  const clock = setInterval(() => advance(world, nowMs()), POLL_MS)

  const open = async (options: Partial<HyperliquidOptions> = {}): Promise<Player> => {
    const logs: string[] = []
    const venue = await openHyperliquid({
      network: 'local',
      apiUrl: proxy.apiUrl,
      wsUrl: proxy.wsUrl,
      isTestnet: true,
      dex: 'hyna',
      asset: 'ETH',
      wallet: BOT,
      account: BOT.address,
      nowMs,
      initialIsolatedMarginUsd: 1_000,
      forceIsolated: false,
      reconnectDelayMsMin: 20,
      reconnectDelayMsMax: 100,
      submitExpiryMs: 10_000,
      requestTimeoutMs: 3_000,
      log: (level, message, fields) => logs.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`),
      ...options,
    })
    const player = playerOf(venue, logs)
    players.push(player)
    return player
  }
  const act = async (account: string, action: AccountAction): Promise<void> =>
    new Promise((resolve, reject) => {
      submit(world, toCommand(account, action), (answer) => {
        const text = JSON.stringify(answer)
        if (answer.kind === 'refused' || text.includes('"error"')) reject(new Error(text))
        else resolve()
      })
    })
  return {
    world,
    server,
    proxy,
    shiftMs,
    open,
    play: async (options) => {
      const player = await open(options)
      await player.venue.connect((input) => player.inputs.push(input))
      return player
    },
    act,
    order: async (account, order) => {
      await act(account, { kind: 'order', orders: [{ ...PLAIN, ...order }], grouping: 'na' })
    },
    sellBurst: async ({ priceTicks, sizeLots, count }) => {
      const one: OrderRequest = { ...PLAIN, side: 'sell', priceTicks, sizeLots, tif: 'Ioc' }
      await act(STRANGER.address, {
        kind: 'order',
        orders: Array.from({ length: count }, () => one),
        grouping: 'na',
      })
    },
    close: async () => {
      for (const { venue } of players) await venue.close()
      clearInterval(clock)
      await proxy.close()
      await server.close()
    },
  }
}

function playerOf(venue: HyperliquidVenue, logs: string[]): Player {
  const inputs: RawInput[] = []
  const inputsOf: Player['inputsOf'] = (kind) => inputs.filter((input) => input.kind === kind) as never
  return {
    venue,
    inputs,
    logs,
    // The gate that approves commands is not on this stage.
    send: (...commands) => venue.send(commands as Approved[]),
    inputsOf,
    awaitInput: async (kind, fits = () => true, since = 0) => {
      const found = (): RawInput | undefined =>
        inputs.slice(since).find((input) => input.kind === kind && fits(input as never))
      await until(
        () => found() !== undefined,
        `an input of kind ${kind}`,
        () => JSON.stringify(inputs.slice(-12)),
      )
      return found() as never
    },
  }
}

/** @throws Error naming what was awaited, after `waitMs` */
export async function until(
  condition: () => boolean,
  what: string,
  state: () => string = () => '',
  waitMs: number = WAIT_MS_MAX,
): Promise<void> {
  const limitMs = performance.now() + waitMs
  while (!condition()) {
    if (performance.now() > limitMs) throw new Error(`waited ${waitMs} ms for ${what}; last: ${state()}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

let orderCount = 0

/** An order with a client id that no other test uses; on `hyna:ETH` by default a bid far below the oracle of 3 000. */
export function newOrder(of: Partial<NewOrder> = {}): NewOrder {
  orderCount += 1
  return {
    cloid: `0x${orderCount.toString(16).padStart(32, '0')}`,
    side: 'buy',
    priceTicks: 299_000,
    sizeLots: 500,
    tif: 'alo',
    reduceOnly: false,
    ...of,
  }
}
