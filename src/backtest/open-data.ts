/**
 * Recorded markets of either kind as one source: a file of frames (tape-binance.ts), or a folder that `hypermake record`, a paper
 * or a live run wrote, whose journal holds the market's inputs.
 */
import { statSync } from 'node:fs'
import type { Input } from '../core/input.ts'
import type { MarketSpec } from '../core/market.ts'
import { readJournal } from '../journal/reader.ts'
import { SimulationError } from '../simulation/errors.ts'
import { E8 } from '../simulation/tape.ts'
import type { TapeCounters, TapeRecord, TapeSource } from '../simulation/tape.ts'
import { openTape } from '../simulation/tape-binance.ts'

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** What the venue told of the market beside its book. */
export interface ToldContext {
  readonly tsMs: number
  readonly markUsd: number
  readonly oracleUsd: number
  readonly fundingPerHour: number
}

type ContextListener = (context: ToldContext) => void

/**
 * @param path a file, or the folder of one recording or run
 * @param onContext hears the contexts of a folder between its records; a file has none
 * @throws SimulationError TAPE_UNREADABLE, TAPE_MALFORMED; JournalError for a folder that is no journal or a damaged one
 */
export function openData(path: string, onContext?: ContextListener): TapeSource {
  return isFolder(path) ? openRecordedInputs(path, onContext) : openTape(path)
}

/** The inputs of a journal in order. @throws JournalError where damage begins */
export function* inputsOf(dir: string): Generator<Input> {
  for (const record of readJournal(dir).records) if (record.kind === 'input') yield record.input
}

function openRecordedInputs(path: string, onContext?: ContextListener): TapeSource {
  const head = findHead(path)
  const { coin } = head.market
  const counters: TapeCounters = { lines: 0, damagedLines: 0, foreignLines: 0, gaps: 0 }
  const records = recordsOf(path, head.market, counters, onContext)
  return {
    path,
    symbol: coin,
    // The market moves with its sibling on the main DEX, so that is the coin of the tape.
    coin: coin.slice(coin.indexOf(':') + 1),
    reference: head.reference,
    firstTsMs: head.firstTsMs,
    firstMidUsd: head.firstMidUsd,
    counters,
    firstDamage: null,
    next() {
      const found = records.next()
      return found.done === true ? null : found.value
    },
  }
}

interface Head {
  readonly reference: string | null
  readonly market: MarketSpec
  readonly firstTsMs: number
  readonly firstMidUsd: number
}

/** Reads on to the first two-sided book, so that prices can start where the recording does. */
function findHead(path: string): Head {
  let market: MarketSpec | null = null
  let firstTsMs: number | null = null
  const reference = referenceOf(path)
  for (const input of inputsOf(path)) {
    if (input.kind === 'sessionStarted') market = input.market
    if (market === null || (input.kind !== 'book' && input.kind !== 'touch')) continue
    firstTsMs ??= input.tsMs
    const { bidTicks, askTicks } = touchOf(input)
    if (bidTicks === 0 || askTicks === 0) continue
    return {
      market,
      reference,
      firstTsMs,
      firstMidUsd: (bidTicks + askTicks) / 2 / 10 ** market.grid.priceDecimals,
    }
  }
  throw new SimulationError(
    'TAPE_MALFORMED',
    `recording ${path}: no book with both sides in it; give the folder of a longer recording or run`,
  )
}

/** A recording or a run says in its configuration which other market it listened to. */
function referenceOf(path: string): string | null {
  // The header holds the effective configuration as JSON of our own, or nothing in journals of tests.
  const { market } = readJournal(path).header.config as { readonly market?: { readonly reference?: unknown } }
  const reference = market?.reference
  return typeof reference === 'string' && reference !== '' ? reference : null
}

type Prices = {
  readonly bidTicks: number
  readonly bidLots: number
  readonly askTicks: number
  readonly askLots: number
}

function touchOf(input: Input & { readonly kind: 'book' | 'touch' }): Prices {
  if (input.kind === 'touch') return input
  const [bidTicks = 0, bidLots = 0] = input.bids
  const [askTicks = 0, askLots = 0] = input.asks
  return { bidTicks, bidLots, askTicks, askLots }
}

/** A book is a whole snapshot and a best price at once; times are those of receipt, which never go back. */
function* recordsOf(
  path: string,
  market: MarketSpec,
  counters: TapeCounters,
  onContext?: ContextListener,
): Generator<TapeRecord> {
  const ticksPerUsd = 10 ** market.grid.priceDecimals
  const priceE8 = E8 / ticksPerUsd
  const sizeE8 = E8 / 10 ** market.grid.szDecimals
  const scale = (flat: readonly number[]): number[] =>
    flat.map((value, index) => value * (index % 2 === 0 ? priceE8 : sizeE8))
  let updateId = 0
  for (const input of inputsOf(path)) {
    const { tsMs } = input
    if (input.kind === 'connection' && !input.up) counters.gaps += 1
    if (input.kind === 'context') {
      const [markUsd, oracleUsd] = [input.markTicks / ticksPerUsd, input.oracleTicks / ticksPerUsd]
      onContext?.({ tsMs, markUsd, oracleUsd, fundingPerHour: input.fundingPerHour })
    }
    if (input.kind === 'trade') {
      counters.lines += 1
      const { aggressor, priceTicks, sizeLots } = input
      yield { kind: 'trade', tsMs, aggressor, priceE8: priceTicks * priceE8, sizeE8: sizeLots * sizeE8 }
    }
    if (input.kind === 'reference') yield { kind: 'reference', tsMs, midE8: input.midTicks * priceE8 }
    if (input.kind !== 'book' && input.kind !== 'touch') continue
    counters.lines += 1
    updateId += 1
    if (input.kind === 'book') {
      const [bids, asks] = [scale(input.bids), scale(input.asks)]
      yield { kind: 'depth', tsMs, isSnapshot: true, updateId, bids, asks }
    }
    const { bidTicks, bidLots, askTicks, askLots } = touchOf(input)
    if (bidTicks === 0 || askTicks === 0) continue
    yield {
      ...{ kind: 'touch', tsMs, updateId, bidE8: bidTicks * priceE8, bidSizeE8: bidLots * sizeE8 },
      ...{ askE8: askTicks * priceE8, askSizeE8: askLots * sizeE8 },
    }
  }
}
