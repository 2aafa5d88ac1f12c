/**
 * What a calibration looks at: mids and whole market orders in time order, out of a tape, a simulated market or a journal; from
 * a journal also latencies and the fees of our own fills.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { flushOrder, initMarketOrders, observeMid, observePrint } from '../../estimators/market-orders.ts'
import type { MarketOrder } from '../../estimators/market-orders.ts'
import { generateTape } from '../backtest/generate.ts'
import type { GenerateOptions } from '../backtest/generate.ts'
import { recordedLatency } from '../backtest/latency-recorded.ts'
import type { Side } from '../core/units.ts'
import { readJournal } from '../journal/reader.ts'
import { applyDepth, applyTouch, initTapeBook, isSound, midE8Of } from '../simulation/tape-book.ts'
import { openData } from '../backtest/open-data.ts'
import { SimulationError } from '../simulation/errors.ts'
import { scenarioNameOf } from '../simulation/scenarios.ts'

export interface MarketData {
  /** In words, for the page and the fragment. */
  readonly source: string
  readonly coin: string
  /** When the mid changed, and to what; any unit. */
  readonly midsTsMs: readonly number[]
  readonly mids: readonly number[]
  readonly orders: readonly SeenOrder[]
  /** Of our own fills that rested, cost positive; empty where there are none. */
  readonly makerFeesBps: readonly number[]
  /** From data to order and back to the market, ms; empty where nothing told of it. */
  readonly roundTripsMs: readonly number[]
}

export interface SeenOrder {
  readonly tsMs: number
  readonly aggressor: Side
  readonly depthFraction: number
  readonly valueUsd: number
}

/** Longer data give their first so many changes of the mid. */
const MIDS_MAX = 5_000_000
const E8_PER_TICK_AND_LOT = 1e10

interface Watcher {
  mid(tsMs: number, mid: number): void
  print(print: {
    readonly tsMs: number
    readonly aggressor: Side
    readonly priceTicks: number
    readonly sizeLots: number
  }): void
  end(): Pick<MarketData, 'midsTsMs' | 'mids' | 'orders'>
}

function startWatching(): Watcher {
  const state = initMarketOrders()
  const out: MarketOrder = { aggressor: 'buy', tsMs: 0, depthFraction: 0, sizeLots: 0, valueUsd: 0 }
  const midsTsMs: number[] = []
  const mids: number[] = []
  const orders: SeenOrder[] = []
  const note = (): void => {
    const { tsMs, aggressor, depthFraction, valueUsd } = out
    orders.push({ tsMs, aggressor, depthFraction, valueUsd })
  }
  return {
    mid(tsMs, mid) {
      if (flushOrder(state, tsMs, out)) note()
      observeMid(state, tsMs, mid)
      if (mid === mids.at(-1) || mids.length === MIDS_MAX) return
      mids.push(mid)
      midsTsMs.push(tsMs)
    },
    print(print) {
      if (observePrint(state, print, out)) note()
    },
    end() {
      if (flushOrder(state, Infinity, out)) note()
      return { midsTsMs, mids, orders }
    },
  }
}

/** @throws SimulationError TAPE_UNREADABLE, TAPE_MALFORMED */
export function dataOfTape(path: string): MarketData {
  const tape = openData(path)
  const book = initTapeBook()
  const watcher = startWatching()
  for (let record = tape.next(); record !== null; record = tape.next()) {
    const { tsMs } = record
    if (record.kind === 'trade') {
      // A market order's value is in micro-dollars where a tick times a lot is one; here both are 1e-8.
      const sizeLots = record.sizeE8 / E8_PER_TICK_AND_LOT
      watcher.print({ tsMs, aggressor: record.aggressor, priceTicks: record.priceE8, sizeLots })
      continue
    }
    if (record.kind === 'reference') continue
    if (record.kind === 'depth') applyDepth(book, record)
    else applyTouch(book, record)
    if (isSound(book)) watcher.mid(tsMs, midE8Of(book))
  }
  return { source: `tape ${path}`, coin: tape.coin, ...watcher.end(), makerFeesBps: [], roundTripsMs: [] }
}

/** A market without us in it, watched as a recorder would. @throws SimulationError for an unknown market or scenario */
export function dataOfScenario(options: Omit<GenerateOptions, 'path'>): MarketData {
  const folder = mkdtempSync(join(tmpdir(), 'hypermake-calibrate-'))
  try {
    const path = join(folder, 'market')
    generateTape({ ...options, path })
    const source = `scenario ${scenarioNameOf(options.scenario)}, seed ${options.seed}, ${options.minutes} min`
    return { ...dataOfTape(path), source, coin: options.coin }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** @throws JournalError when it cannot be read, SimulationError NO_DATA when it is not a maker's */
export function dataOfJournal(dir: string): MarketData {
  const watcher = startWatching()
  const makerFeesBps: number[] = []
  let coin: string | null = null
  for (const record of readJournal(dir).records) {
    if (record.kind !== 'input') continue
    const { input } = record
    const { tsMs } = input
    if (input.kind === 'sessionStarted') {
      ;({ coin } = input.market)
    } else if (input.kind === 'book') {
      const [bid = 0, ask = 0] = [input.bids[0], input.asks[0]]
      if (bid > 0 && ask > 0) watcher.mid(tsMs, (bid + ask) / 2)
    } else if (input.kind === 'touch') {
      const { bidTicks, askTicks, bidLots, askLots } = input
      if (bidLots > 0 && askLots > 0) watcher.mid(tsMs, (bidTicks + askTicks) / 2)
    } else if (input.kind === 'trade') {
      const { aggressor, priceTicks, sizeLots } = input
      watcher.print({ tsMs, aggressor, priceTicks, sizeLots })
    } else if (input.kind === 'fill' && !input.crossed) {
      makerFeesBps.push((input.feeMicroUsd / (input.priceTicks * input.sizeLots)) * 1e4)
    }
  }
  if (coin === null) {
    throw new SimulationError('NO_DATA', `journal ${dir}: no session in it; name the folder of a maker's run`)
  }
  return { source: `journal ${dir}`, coin, ...watcher.end(), makerFeesBps, roundTripsMs: roundTripsOf(dir) }
}

/** Data on its way to us, then an order on its way to the market; empty for a run in which nothing was measured. */
function roundTripsOf(dir: string): readonly number[] {
  try {
    const { feedMs, orderMs } = recordedLatency(dir)
    const feed = feedMs.toSorted((one, two) => one - two)[feedMs.length >> 1] ?? 0
    return orderMs.map((ms) => ms + feed)
  } catch (error) {
    if (error instanceof SimulationError && error.code === 'NO_LATENCY') return []
    throw error
  }
}
