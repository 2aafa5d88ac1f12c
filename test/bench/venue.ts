/**
 * A signed order over WebSocket in -> its acknowledgement out, beside a bare `ws` echo of the same bytes in the same run.
 *
 *     npm run bench -- venue
 *
 * Twice: with the servers in a process of their own, as `hypermake exchange` runs, and with all of it in one thread, where an
 * echo needs no other core to wake up. Venue and echo take turns, so that whatever else the machine does hits both alike.
 * The exchange runs its commands at once (`--block-ms 0`): what is measured is the venue, not the wait for a block.
 * The goal is a p50 of at most 3.5 times that of the echo, with the servers apart. A third turn shows the floor: an echo that
 * recovers one signer from one signature before it answers, and does nothing else.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { parsePrivateKey } from '../../src/signing/address.ts'
import { curve } from '../../src/signing/curve.ts'
import { keccakChoice } from '../../src/signing/keccak.ts'
import { signL1Action } from '../../src/signing/l1-action.ts'
import { type Bench, quantile, say } from './harness.ts'
import { KEY, openServers, SERVERS_FILE, type Servers, type Urls } from './venue-servers.ts'

const RATIO_MAX = 3.5
const WARMUP_COUNT = 2_000
const ROUND_COUNT = 40
/** Turns are short, so that a slow moment of the machine falls on both sides. */
const PER_ROUND = 100

/** Microseconds; ascending once measured. */
interface VenueTimes {
  readonly venueUs: number[]
  readonly echoUs: number[]
  /** An echo that recovers a signer first: what no venue that checks signatures can be faster than. */
  readonly floorUs: number[]
}

/** The servers in a process of their own. */
async function forkServers(): Promise<Servers> {
  const child = fork(SERVERS_FILE)
  const [urls] = (await once(child, 'message')) as [Urls]
  return {
    urls,
    async clear() {
      const cleared = once(child, 'message')
      child.send('clear')
      await cleared
    },
    async close() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

async function measure(servers: Servers): Promise<VenueTimes> {
  const { urls } = servers
  const venue = await opened(urls.venue)
  const echo = await opened(urls.echo)
  const floor = await opened(urls.floor)
  const nonces = { next: Date.now() }
  const times: VenueTimes = { venueUs: [], echoUs: [], floorUs: [] }
  for (let done = 0; done < WARMUP_COUNT; done += PER_ROUND) {
    await play(venue, orders(nonces, PER_ROUND), [])
    await servers.clear()
  }
  for (const socket of [echo, floor]) await play(socket, orders(nonces, WARMUP_COUNT), [])
  for (let round = 0; round < ROUND_COUNT; round += 1) {
    // The same kind of frames on all: only the venue would refuse a nonce twice.
    await play(echo, orders(nonces, PER_ROUND), times.echoUs)
    await play(floor, orders(nonces, PER_ROUND), times.floorUs)
    await play(venue, orders(nonces, PER_ROUND), times.venueUs)
    await servers.clear()
  }
  for (const socket of [venue, echo, floor]) socket.terminate()
  await servers.close()
  for (const us of [times.venueUs, times.echoUs, times.floorUs]) us.sort((a, b) => a - b)
  return times
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

/** @returns the ratio of the medians, venue over echo */
function report(where: string, times: VenueTimes): number {
  const p50 = (us: readonly number[]): number => quantile(us, 0.5)
  const row = (name: string, us: readonly number[]): void =>
    say(
      `  ${where}   ${name.padEnd(20)} p50 ${p50(us).toFixed(0).padStart(5)} µs   p99 ${quantile(us, 0.99).toFixed(0).padStart(5)} µs   ${(p50(us) / p50(times.echoUs)).toFixed(2)} x`,
    )
  row('bare ws echo', times.echoUs)
  row('echo and one recovery', times.floorUs)
  row('order acknowledged', times.venueUs)
  return p50(times.venueUs) / p50(times.echoUs)
}

async function run(): Promise<void> {
  const bytes = orders({ next: Date.now() }, 1)[0]?.length ?? 0
  say(`  a signed order of ${bytes} bytes over WebSocket, curve ${curve.name}, keccak ${keccakChoice.name}`)
  const ratio = report('own process', await measure(await forkServers()))
  report('one thread ', await measure(await openServers()))
  const verdict = ratio <= RATIO_MAX ? 'reached' : 'NOT reached'
  say(`  goal: at most ${RATIO_MAX} x the echo, servers apart, is ${ratio.toFixed(2)} x: ${verdict}`)
}

export const bench: Bench = {
  about: 'a signed order over WebSocket to its acknowledgement, beside a bare ws echo of the same bytes',
  run,
}
