/**
 * A signed order over WebSocket in -> its acknowledgement out, beside a bare `ws` echo of the same bytes in the same run.
 *
 *     npm run bench -- venue
 *
 * Both have client and server in this one process and take turns, so that whatever else the machine does hits both alike.
 * The exchange runs its commands at once (`--block-ms 0`): what is measured is the venue, not the wait for a block.
 * The goal is a p50 of at most 3.5 times that of the echo. A third turn shows the floor: an echo that recovers one signer
 * from one signature before it answers, and does nothing else.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { openOrders } from '../../src/exchange/queries.ts'
import { addressOf, parsePrivateKey } from '../../src/signing/address.ts'
import { curve } from '../../src/signing/curve.ts'
import { keccakChoice } from '../../src/signing/keccak.ts'
import { signL1Action } from '../../src/signing/l1-action.ts'
import { parseSignature, recoverAddress, signDigest } from '../../src/signing/signature.ts'
import { startServer } from '../../src/server/server.ts'
import { buildWorld } from '../../src/simulation/default-market.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { submit, type World } from '../../src/simulation/world.ts'
import { type Bench, say } from './harness.ts'

export const RATIO_MAX = 3.5
const KEY: `0x${string}` = `0x${'5a'.repeat(32)}`
const WARMUP_COUNT = 2_000
const ROUND_COUNT = 40
/** Turns are short, so that a slow moment of the machine falls on both sides. */
const PER_ROUND = 100

export interface VenueBench {
  readonly curve: string
  readonly bytes: number
  readonly echo: Quantiles
  /** An echo that recovers a signer first: what no venue that checks signatures can be faster than. */
  readonly floor: Quantiles
  readonly venue: Quantiles
  /** p50 of the venue over p50 of the echo. */
  readonly ratio: number
  readonly floorRatio: number
}

interface Quantiles {
  readonly p50Us: number
  readonly p99Us: number
}

/** @param roundCount each has 100 echoes and 100 orders */
export async function measureVenue(roundCount: number = ROUND_COUNT): Promise<VenueBench> {
  const startTsMs = Date.now()
  const spec = defaultVenue()
  const world = buildWorld({ spec, seed: 1, blockMs: 100, startTsMs, markets: ['BTC'], isImmediate: true })
  const account = addressOf(KEY)
  submit(world, { kind: 'deposit', account, dexIndex: 0, amountMicroUsd: 1e12 }, () => undefined)
  const server = await startServer({ world, spec, port: 0, network: 'testnet' })
  const echoServer = await echoing(() => undefined)
  const floorServer = await echoing(recoverOne)
  const venue = await opened(server.wsUrl)
  const echo = await opened(urlOf(echoServer))
  const floor = await opened(urlOf(floorServer))
  const nonces = { next: startTsMs }
  const venueUs: number[] = []
  const echoUs: number[] = []
  const floorUs: number[] = []
  const clear = (): void => cancelAll(world, account)
  for (let done = 0; done < WARMUP_COUNT; done += PER_ROUND) {
    await play(venue, orders(nonces, PER_ROUND), [])
    clear()
  }
  for (const socket of [echo, floor]) await play(socket, orders(nonces, WARMUP_COUNT), [])
  for (let round = 0; round < roundCount; round += 1) {
    // The same kind of frames on both: only the venue would refuse a nonce twice.
    await play(echo, orders(nonces, PER_ROUND), echoUs)
    await play(floor, orders(nonces, PER_ROUND), floorUs)
    await play(venue, orders(nonces, PER_ROUND), venueUs)
    clear()
  }
  for (const socket of [venue, echo, floor]) socket.terminate()
  for (const one of [echoServer, floorServer]) one.close()
  await server.close()
  const result = { echo: quantilesOf(echoUs), floor: quantilesOf(floorUs), venue: quantilesOf(venueUs) }
  return {
    curve: curve.name,
    bytes: orders(nonces, 1)[0]?.length ?? 0,
    ...result,
    ratio: result.venue.p50Us / result.echo.p50Us,
    floorRatio: result.floor.p50Us / result.echo.p50Us,
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

/** Past the wire: the book is as it was before each round. */
function cancelAll(world: World, account: string): void {
  const cancels = openOrders(world.exchange, account, 0).map(({ oid, assetId }) => ({
    assetId,
    ref: { oid },
  }))
  const action = { kind: 'cancel', cancels } as const
  const command = {
    kind: 'action',
    account,
    signer: account,
    nonce: null,
    expiresAfterMs: null,
    action,
  } as const
  submit(world, command, () => undefined)
}

async function opened(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  await once(socket, 'open')
  return socket
}

/** Post-only bids a little below the market, signed before the clock runs: signing is the client's time. */
function orders(nonces: { next: number }, count: number): string[] {
  const key = parsePrivateKey(KEY)
  return Array.from({ length: count }, (_, index) => {
    const nonce = (nonces.next += 1)
    const order = {
      a: 0,
      b: true,
      p: String(50_000 + (index % 50) * 10),
      s: '0.001',
      r: false,
      t: { limit: { tif: 'Alo' } },
    }
    const action = { type: 'order', orders: [order], grouping: 'na' }
    const signature = signL1Action(
      { action, nonce, vaultAddress: null, expiresAfterMs: null },
      'testnet',
      key,
    )
    return JSON.stringify({
      method: 'post',
      id: nonce,
      request: { type: 'action', payload: { action, nonce, signature, vaultAddress: null } },
    })
  })
}

/** One after the other: the next frame leaves when the answer to the last has come. */
async function play(socket: WebSocket, frames: readonly string[], us: number[]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let index = 0
    let sentMs = 0
    const next = (): void => {
      const frame = frames[index]
      if (frame === undefined) {
        socket.off('message', onAnswer)
        resolve()
        return
      }
      sentMs = performance.now()
      socket.send(frame)
    }
    const onAnswer = (data: unknown): void => {
      us.push((performance.now() - sentMs) * 1_000)
      const text = String(data)
      if (text.includes('"status":"err"') || text.includes('"type":"error"')) reject(new Error(text))
      index += 1
      next()
    }
    socket.on('message', onAnswer)
    next()
  })
}

function quantilesOf(values: number[]): Quantiles {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
  return { p50Us: at(0.5), p99Us: at(0.99) }
}

export function formatVenueBench(result: VenueBench): string {
  const row = (name: string, { p50Us, p99Us }: Quantiles): string =>
    `  ${name.padEnd(22)} p50 ${p50Us.toFixed(0).padStart(6)} us   p99 ${p99Us.toFixed(0).padStart(6)} us`
  return [
    `venue: a signed order of ${result.bytes} bytes over WebSocket, curve ${result.curve}, keccak ${keccakChoice.name}`,
    row('bare ws echo', result.echo),
    row('echo and one recovery', result.floor),
    row('order acknowledged', result.venue),
    `  ratio of p50           ${result.ratio.toFixed(2)} (goal: at most ${RATIO_MAX}; the floor is ${result.floorRatio.toFixed(2)})`,
  ].join('\n')
}

export const bench: Bench = {
  about: 'a signed order over WebSocket to its acknowledgement, beside a bare ws echo of the same bytes',
  async run() {
    const result = await measureVenue()
    say(formatVenueBench(result))
  },
}
