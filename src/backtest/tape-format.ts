/**
 * Writes recorded markets in the one format that is played: lines of `<time in ns> <JSON>`, the frames of Binance's futures
 * streams (docs/data.md). Gzip in members, so that a long recording is never held as one text.
 */
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { Grid, Side } from '../core/units.ts'
import { SimulationError } from '../simulation/errors.ts'

/** Price and size as decimal text. */
export type TapeLevelText = readonly [price: string, size: string]

export interface TapeWriter {
  snapshot(
    tsNs: bigint,
    updateId: number,
    bids: readonly TapeLevelText[],
    asks: readonly TapeLevelText[],
  ): void
  depth(tsNs: bigint, updateId: number, bids: readonly TapeLevelText[], asks: readonly TapeLevelText[]): void
  touch(tsNs: bigint, updateId: number, bid: TapeLevelText, ask: TapeLevelText): void
  trade(tsNs: bigint, tid: number, aggressor: Side, priceSize: TapeLevelText): void
  /** @returns lines written */
  close(): number
}

/** Text of one gzip member. */
const MEMBER_CHARS = 4_000_000

/** @throws SimulationError TAPE_UNREADABLE when the file cannot be made */
export function openTapeWriter(path: string, symbol: string): TapeWriter {
  const file = openForWriting(path)
  const stream = symbol.toLowerCase()
  let text = ''
  let lines = 0
  let depthIdLast = 0
  const flush = (): void => {
    // Not writeSync, which may write a part and say so.
    if (text !== '') writeFileSync(file, path.endsWith('.gz') ? gzipSync(text) : Buffer.from(text))
    text = ''
  }
  const write = (tsNs: bigint, frame: unknown): void => {
    text += `${tsNs.toString().padStart(19, '0')} ${JSON.stringify(frame)}\n`
    lines += 1
    if (text.length >= MEMBER_CHARS) flush()
  }
  return {
    snapshot: (tsNs, updateId, bids, asks) => write(tsNs, { lastUpdateId: updateId, bids, asks }),
    depth(tsNs, updateId, b, a) {
      const data = { e: 'depthUpdate', s: symbol, U: updateId, u: updateId, pu: depthIdLast, b, a }
      depthIdLast = updateId
      write(tsNs, { stream: `${stream}@depth@0ms`, data })
    },
    touch(tsNs, u, [b, B], [a, A]) {
      write(tsNs, { stream: `${stream}@bookTicker`, data: { e: 'bookTicker', u, s: symbol, b, B, a, A } })
    },
    trade(tsNs, t, aggressor, [p, q]) {
      // `m`: the buyer was the maker, so the aggressor sold.
      const data = { e: 'trade', s: symbol, t, p, q, X: 'MARKET', m: aggressor === 'sell' }
      write(tsNs, { stream: `${stream}@trade`, data })
    },
    close() {
      flush()
      closeSync(file)
      return lines
    },
  }
}

export function levelText(priceTicks: number, sizeLots: number, grid: Grid): TapeLevelText {
  return [
    (priceTicks / 10 ** grid.priceDecimals).toFixed(grid.priceDecimals),
    (sizeLots / 10 ** grid.szDecimals).toFixed(grid.szDecimals),
  ]
}

function openForWriting(path: string): number {
  try {
    return openSync(path, 'w')
  } catch (cause) {
    throw new SimulationError('TAPE_UNREADABLE', `tape ${path}: cannot be written; check the folder`, {
      cause,
    })
  }
}
