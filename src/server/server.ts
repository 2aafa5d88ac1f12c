/**
 * The embedded exchange on the wire: Hyperliquid's HTTP and WebSocket API over a `World`. It submits commands and reads
 * state; time is advanced by whoever composed the process.
 *
 *   client ── POST /info, /exchange, GET /ws ──> decimals to ticks, signer, limits ──> world.submit
 *   client <── answers of the block, feeds <── history, digest <── world.onBlock
 */
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { VenueSpec } from '../exchange/instrument.ts'
import { onBlock, type World } from '../simulation/world.ts'
import type { AcceptedNetwork, ServerLog, VenueContext } from './context.ts'
import { createDirectory } from './directory.ts'
import { checkCoins, intervene } from './faults/interventions.ts'
import { type FaultPlan, startFaults } from './faults/plan.ts'
import type { FaultScript } from './faults/script.ts'
import { breakStreams } from './faults/streams.ts'
import { createHistory } from './history.ts'
import { handleHttp } from './http.ts'
import { createHub, publishBlock } from './hub.ts'
import { createPortfolios } from './portfolio.ts'
import { createRateLimits, type LimitChoice, NO_LIMITS } from '../exchange/rate-limits.ts'
import { createRegistry } from './registry.ts'
import type { Connection } from './socket.ts'
import { createConnectionLimits } from './socket-limits.ts'
import { acceptUpgrade, closeIdle } from './upgrade.ts'

export interface ServerOptions {
  readonly world: World
  /** The one the world's exchange was made from. */
  readonly spec: VenueSpec
  /** Default: loopback only. */
  readonly host?: string
  /** 0 takes a free one. */
  readonly port: number
  readonly network: AcceptedNetwork
  /** Which of the venue's limits refuse. Default none: the one client is our own. */
  readonly rateLimits?: LimitChoice
  /** Connections to which nothing was sent for so long are closed. Default: a minute, as at the venue. */
  readonly webSocketIdleMs?: number
  /** What goes wrong on purpose; its times count from the first WebSocket connection. */
  readonly faults?: FaultScript
  /** Seconds of the world per real second, for the delays of faults. Default 1. */
  readonly speed?: number
  readonly log?: ServerLog
}

export interface Server {
  /** `http://host:port` */
  readonly url: string
  /** `ws://host:port/ws` */
  readonly wsUrl: string
  readonly port: number
  /** The faults under way; null without a script. */
  readonly faults: FaultPlan | null
  /** Closes every connection and stops following the world. */
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const IDLE_MS_DEFAULT = 60_000
/** Longer than clients keep an idle connection: who closes first must not be us, or a request may be lost in between. */
const KEEP_ALIVE_MS = 65_000
/** Frames of clients are requests; the longest is a batch of orders. */
const FRAME_BYTES_MAX = 1024 * 1024

/**
 * @throws Error with code `EADDRINUSE` or `EACCES` when the port cannot be taken, FaultScriptError when the script names a
 *   market that this venue does not have; nothing is left running then
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const host = options.host ?? LOOPBACK
  const context = createContext(options)
  const hub = createHub(context)
  const http = createServer((request, response) => handleHttp(context, request, response))
  http.keepAliveTimeout = KEEP_ALIVE_MS
  const sockets = new WebSocketServer({ noServer: true, maxPayload: FRAME_BYTES_MAX })
  const connections = new Set<Connection>()
  const limits = createConnectionLimits((options.rateLimits ?? NO_LIMITS).sockets)
  http.on('upgrade', (request, stream, head) => {
    acceptUpgrade({ hub, sockets, connections, limits }, request, stream, head)
  })
  await listen(http, options.port, host)

  const unfollow = onBlock(options.world, (block) => publishBlock(hub, block))
  const stopBreaks = breakStreams(options.world, context.faults, connections)
  const stopInterventions = intervene(hub)
  const stopIdleChecks = closeIdle(connections, options.webSocketIdleMs ?? IDLE_MS_DEFAULT)
  const { port } = http.address() as AddressInfo
  const name = host.includes(':') ? `[${host}]` : host
  return {
    url: `http://${name}:${port}`,
    wsUrl: `ws://${name}:${port}/ws`,
    port,
    faults: context.faults,
    async close() {
      unfollow()
      stopBreaks()
      stopInterventions()
      context.faults?.close()
      stopIdleChecks()
      for (const { socket } of connections) socket.terminate()
      sockets.close()
      await stop(http)
    },
  }
}

function createContext(options: ServerOptions): VenueContext {
  const { world, spec, network } = options
  return {
    world,
    exchange: world.exchange,
    directory: createDirectory(spec),
    history: createHistory(world.nowTsMs),
    portfolios: createPortfolios(),
    registry: createRegistry(),
    limits: createRateLimits(options.rateLimits ?? NO_LIMITS),
    network,
    faults: faultsOf(options),
    log: options.log ?? (() => {}),
  }
}

function faultsOf({ faults, world, spec, speed }: ServerOptions): FaultPlan | null {
  if (faults === undefined) return null
  checkCoins(faults, spec)
  const nowTsMs = (): number => world.nowTsMs
  return startFaults({ script: faults, nowTsMs, speed: speed ?? 1 })
}

async function listen(http: HttpServer, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(port, host, () => {
      http.off('error', reject)
      resolve()
    })
  })
}

async function stop(http: HttpServer): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    http.close(() => resolve())
  })
  http.closeAllConnections()
  await closed
}
