/**
 * The three servers of the venue bench: the embedded exchange, a bare `ws` echo, and an echo that recovers a signer first.
 * They run beside the client, or, forked from this file, in a process of their own, as `hypermake exchange` does.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { WebSocketServer } from 'ws'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { openOrders } from '../../src/exchange/queries/orders.ts'
import { startServer } from '../../src/server/server.ts'
import { addressOf, parsePrivateKey } from '../../src/signing/address.ts'
import { parseSignature, recoverAddress, signDigest } from '../../src/signing/signature.ts'
import { toCommand } from '../../src/simulation/agent-account.ts'
import { buildWorld } from '../../src/simulation/default-market.ts'
import { submit, type World } from '../../src/simulation/world.ts'

export const KEY: `0x${string}` = `0x${'5a'.repeat(32)}`
export const SERVERS_FILE: string = fileURLToPath(import.meta.url)

export interface Urls {
  readonly venue: string
  readonly echo: string
  readonly floor: string
}

export interface Servers {
  readonly urls: Urls
  /** Past the wire: the book is as it was before. */
  clear(): Promise<void>
  close(): Promise<void>
}

export async function openServers(): Promise<Servers> {
  const startTsMs = Date.now()
  const spec = defaultVenue()
  const world = buildWorld({ spec, seed: 1, blockMs: 100, startTsMs, markets: ['BTC'], isImmediate: true })
  const account = addressOf(KEY)
  submit(world, { kind: 'deposit', account, dexIndex: 0, amountMicroUsd: 1e12 }, () => undefined)
  const server = await startServer({ world, spec, port: 0, network: 'testnet' })
  const echo = await echoing(() => undefined)
  const floor = await echoing(recoverOne)
  return {
    urls: { venue: server.wsUrl, echo: urlOf(echo), floor: urlOf(floor) },
    clear: () => Promise.resolve(cancelAll(world, account)),
    async close() {
      echo.close()
      floor.close()
      await server.close()
    },
  }
}

/** A server that sends back what comes, after `work`. */
async function echoing(work: () => unknown): Promise<WebSocketServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (socket) =>
    socket.on('message', (data) => {
      work()
      socket.send(String(data))
    }),
  )
  await once(server, 'listening')
  return server
}

function urlOf(server: WebSocketServer): string {
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const DIGEST = new Uint8Array(32).fill(7)
const SIGNATURE = parseSignature(signDigest(DIGEST, parsePrivateKey(KEY)))

function recoverOne(): string | null {
  return SIGNATURE === null ? null : recoverAddress(DIGEST, SIGNATURE)
}

function cancelAll(world: World, account: string): void {
  const cancels = openOrders(world.exchange, account, 0).map(({ oid, assetId }) => ({
    assetId,
    ref: { oid },
  }))
  submit(world, toCommand(account, { kind: 'cancel', cancels }), () => undefined)
}

/** In a process of its own: its first word are the urls; each message asks to clear, and is answered when it is done. */
async function serveParent(): Promise<void> {
  const servers = await openServers()
  process.send?.(servers.urls)
  process.on('message', () => void servers.clear().then(() => process.send?.('cleared')))
  process.on('disconnect', () => void servers.close())
}

if (process.argv[1] === SERVERS_FILE) await serveParent()
