/** A small real venue for the tests: exchange, world, server on a free loopback port, and SDK clients with our wallets. */
import {
  ExchangeClient,
  HttpTransport,
  InfoClient,
  SubscriptionClient,
  WebSocketTransport,
} from '@nktkas/hyperliquid'
import { WebSocket } from 'ws'
import { MICRO_USD_PER_USD } from '../../src/core/units.ts'
import { createExchange } from '../../src/exchange/exchange.ts'
import { HOUR_MS, type Exchange } from '../../src/exchange/state.ts'
import { startServer, type Server, type ServerOptions } from '../../src/server/server.ts'
import { type Hex } from '../../src/signing/bytes.ts'
import { type Wallet, walletOf } from '../../src/signing/wallet.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { advance, createWorld, submit, type World } from '../../src/simulation/world.ts'

export const BLOCK_MS = 70
/** How long a test waits for something that must happen. */
const WAIT_MS_MAX = 20_000

export interface TestVenue {
  readonly world: World
  readonly exchange: Exchange
  readonly server: Server
  /** Runs blocks: one, or so many that at least `forMs` of venue time pass. */
  step(forMs?: number): void
  /** Runs a block every few milliseconds until the work is done: answers come from blocks. */
  whileRunning<Result>(work: Promise<Result>): Promise<Result>
  /** Credits dollars from outside. */
  fund(wallet: Wallet, usd: number, dexIndex?: number): void
  close(): Promise<void>
}

/**
 * @param startTsMs of the venue's clock; nonces of clients follow the real one and may differ by hours. The hour begins with it
 *   unless told: funding is paid at the end of one, and no test is to depend on when it runs
 */
export async function openVenue(
  options: Partial<ServerOptions> = {},
  startTsMs: number = Math.floor(Date.now() / HOUR_MS) * HOUR_MS,
): Promise<TestVenue> {
  const spec = options.spec ?? defaultVenue()
  const exchange = createExchange(spec, { startTsMs, scheduleCancelVolumeGateMicroUsd: 0 })
  const world = createWorld({ exchange, participants: [], blockMs: BLOCK_MS, startTsMs })
  for (const { assetId, initialOracleTicks } of spec.instruments) {
    submit(world, { kind: 'oracle', assetId, oracleTicks: initialOracleTicks }, () => {})
  }
  const server = await startServer({ port: 0, network: 'testnet', ...options, world, spec })
  const step = (forMs = BLOCK_MS): void => {
    const endTsMs = world.nowTsMs + Math.max(forMs, BLOCK_MS)
    while (world.nowTsMs < endTsMs) advance(world, world.nowTsMs + BLOCK_MS)
  }
  step()
  return {
    world,
    exchange,
    server,
    step,
    async whileRunning(work) {
      const timer = setInterval(step, 2)
      try {
        return await work
      } finally {
        clearInterval(timer)
      }
    },
    fund(wallet, usd, dexIndex = 0) {
      const amountMicroUsd = usd * MICRO_USD_PER_USD
      submit(world, { kind: 'deposit', account: wallet.address, dexIndex, amountMicroUsd }, (answer) => {
        if (answer.kind === 'refused') throw new Error(answer.text)
      })
      step()
    },
    close: () => server.close(),
  }
}

/** Keys for tests only: the number repeated. */
export function testWallet(number: number): Wallet {
  return walletOf(`0x${number.toString(16).padStart(64, '0')}`)
}

export interface Clients {
  readonly wallet: Wallet
  readonly info: InfoClient
  readonly exchange: ExchangeClient
}

export function httpClients(venue: TestVenue, wallet: Wallet, isTestnet = true): Clients {
  const transport = new HttpTransport({ apiUrl: venue.server.url, isTestnet })
  return { wallet, info: new InfoClient({ transport }), exchange: new ExchangeClient({ transport, wallet }) }
}

export interface SocketClients extends Clients {
  readonly subscriptions: SubscriptionClient
  close(): Promise<void>
}

export async function socketClients(venue: TestVenue, wallet: Wallet): Promise<SocketClients> {
  // The SDK asks for a browser-like WebSocket class; that of `ws` differs in types only.
  const reconnect = { WebSocket: WebSocket as unknown as typeof globalThis.WebSocket }
  const transport = new WebSocketTransport({ url: venue.server.wsUrl, isTestnet: true, reconnect })
  await transport.ready()
  return {
    wallet,
    info: new InfoClient({ transport }),
    exchange: new ExchangeClient({ transport, wallet }),
    subscriptions: new SubscriptionClient({ transport }),
    close: () => transport.close(),
  }
}

/** Waits, with blocks running, until the condition holds. @throws when it does not within five seconds */
export async function until(venue: TestVenue, what: string, condition: () => boolean): Promise<void> {
  const startMs = performance.now()
  await venue.whileRunning(
    new Promise<void>((resolve, reject) => {
      const timer = setInterval(() => {
        const isLate = performance.now() - startMs > WAIT_MS_MAX
        if (!condition() && !isLate) return
        clearInterval(timer)
        if (condition()) resolve()
        else reject(new Error(`within ${WAIT_MS_MAX} ms it did not happen that ${what}`))
      }, 2)
    }),
  )
}

export type DeployChange = Parameters<Clients['exchange']['perpDeploy']>[0]

/** A venue whose `hyna` belongs to a key of the test, with money for others on the main DEX and on it. */
export interface DeployerStage {
  readonly venue: TestVenue
  readonly deployer: Clients
  readonly others: readonly [Clients, Clients]
  deploy(client: Clients, change: DeployChange): Promise<unknown>
}

/** @param deployerNumber of the deployer's key; the two others have the next numbers */
export async function openDeployerStage(deployerNumber: number): Promise<DeployerStage> {
  const wallet = testWallet(deployerNumber)
  const spec = defaultVenue()
  const dexs = spec.dexs.map((dex) => (dex.name === 'hyna' ? { ...dex, deployer: wallet.address } : dex))
  const venue = await openVenue({ spec: { ...spec, dexs } })
  const deployer = httpClients(venue, wallet)
  const clientAt = (number: number): Clients => httpClients(venue, testWallet(number))
  const others = [clientAt(deployerNumber + 1), clientAt(deployerNumber + 2)] as const
  for (const one of [deployer, ...others]) {
    venue.fund(one.wallet, 10_000, 0)
    venue.fund(one.wallet, 10_000, 1)
  }
  const deploy = (client: Clients, change: DeployChange): Promise<unknown> =>
    venue.whileRunning(client.exchange.perpDeploy(change))
  return { venue, deployer, others, deploy }
}

export async function post(venue: TestVenue, path: string, body: unknown): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return await fetch(`${venue.server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: text,
  })
}

export type { Hex }
