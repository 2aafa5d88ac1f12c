/** Trading, inventory, quoting, hours and days of a recorded run. Shares are of the run's time. */
import { cell, columnOf } from './columns.ts'
import type { Recording } from './recording.ts'

export interface TradingFigures {
  readonly fillCount: number
  readonly takerFillCount: number
  readonly liquidationCount: number
  readonly volumeMicroUsd: number
  /** Volume over the capital at the start. */
  readonly turnover: number | null
  /** Lots filled over lots shown in orders; null without orders. */
  readonly fillRatio: number | null
  readonly requestCount: number
  readonly requestsPerFill: number | null
  readonly placeCount: number
  readonly modifyCount: number
  readonly cancelCount: number
}

export function tradingOf(recording: Recording): TradingFigures {
  const { fills, requests, samples } = recording
  const volumeMicroUsd = fills.reduce((sum, fill) => sum + fill.priceTicks * fill.sizeLots, 0)
  const filledLots = fills.reduce((sum, fill) => sum + (fill.liquidation ? 0 : fill.sizeLots), 0)
  const capital = cell(samples, 'equityMicroUsd', 0)
  const requestCount = requests.places + requests.modifies + requests.cancels + requests.others
  return {
    fillCount: fills.length,
    takerFillCount: fills.filter((fill) => fill.crossed).length,
    liquidationCount: recording.liquidationCount,
    volumeMicroUsd,
    turnover: capital > 0 ? volumeMicroUsd / capital : null,
    fillRatio: requests.shownLots === 0 ? null : filledLots / requests.shownLots,
    requestCount,
    requestsPerFill: fills.length === 0 ? null : requestCount / fills.length,
    placeCount: requests.places,
    modifyCount: requests.modifies,
    cancelCount: requests.cancels,
  }
}

/** Lots as held, dollars at the mid. */
export interface InventoryFigures {
  readonly endLots: number
  readonly meanLots: number
  readonly meanAbsLots: number
  readonly maxAbsLots: number
  readonly meanAbsMicroUsd: number
  readonly maxAbsMicroUsd: number
  readonly flatShare: number
}

export function inventoryOf(recording: Recording): InventoryFigures {
  const { samples } = recording
  const lots = columnOf(samples, 'positionLots')
  const mids = columnOf(samples, 'midTicks')
  const count = samples.length
  let sum = 0
  let absLots = 0
  let maxLots = 0
  let absValue = 0
  let maxValue = 0
  let flat = 0
  for (let row = 0; row < count; row += 1) {
    const held = lots[row] ?? 0
    const size = Math.abs(held)
    const value = size * (mids[row] ?? 0)
    sum += held
    absLots += size
    absValue += value
    maxLots = Math.max(maxLots, size)
    maxValue = Math.max(maxValue, value)
    if (held === 0) flat += 1
  }
  return {
    endLots: lots[count - 1] ?? 0,
    meanLots: sum / count,
    meanAbsLots: absLots / count,
    maxAbsLots: maxLots,
    meanAbsMicroUsd: absValue / count,
    maxAbsMicroUsd: maxValue,
    flatShare: flat / count,
  }
}

export interface QuotingFigures {
  readonly bothSidesShare: number
  readonly bidShare: number
  readonly askShare: number
  /** Our best bid, or ask, is at the best price of the market. */
  readonly bidAtBestShare: number
  readonly askAtBestShare: number
  /** Between our best quotes, bps of the mid, while both rest; null when they never did. */
  readonly meanSpreadBps: number | null
}

export function quotingOf(recording: Recording): QuotingFigures {
  const { samples } = recording
  const counts = { both: 0, bid: 0, ask: 0, bidBest: 0, askBest: 0, spreadBps: 0 }
  for (let row = 0; row < samples.length; row += 1) {
    const bid = cell(samples, 'ownBidTicks', row)
    const ask = cell(samples, 'ownAskTicks', row)
    if (bid > 0) counts.bid += 1
    if (ask > 0) counts.ask += 1
    if (bid > 0 && bid >= cell(samples, 'bestBidTicks', row)) counts.bidBest += 1
    if (ask > 0 && ask <= cell(samples, 'bestAskTicks', row)) counts.askBest += 1
    if (bid === 0 || ask === 0) continue
    counts.both += 1
    counts.spreadBps += ((ask - bid) / cell(samples, 'midTicks', row)) * 1e4
  }
  return {
    bothSidesShare: counts.both / samples.length,
    bidShare: counts.bid / samples.length,
    askShare: counts.ask / samples.length,
    bidAtBestShare: counts.bidBest / samples.length,
    askAtBestShare: counts.askBest / samples.length,
    meanSpreadBps: counts.both === 0 ? null : counts.spreadBps / counts.both,
  }
}

/** One hour, or one day, of the UTC clock. */
export interface PeriodFigures {
  readonly startTsMs: number
  readonly pnlMicroUsd: number
  readonly fillCount: number
  readonly volumeMicroUsd: number
}

export const HOUR_MS = 3_600_000
export const DAY_MS: number = 24 * HOUR_MS

/** PnL of a period runs from the last sample before it to its own last sample, so that the periods add up to the run. */
export function periodsOf(recording: Recording, periodMs: number): PeriodFigures[] {
  const { samples, fills } = recording
  const periods = new Map<number, { pnlMicroUsd: number; fillCount: number; volumeMicroUsd: number }>()
  const at = (tsMs: number): { pnlMicroUsd: number; fillCount: number; volumeMicroUsd: number } => {
    const startTsMs = Math.floor(tsMs / periodMs) * periodMs
    const known = periods.get(startTsMs)
    if (known !== undefined) return known
    const made = { pnlMicroUsd: 0, fillCount: 0, volumeMicroUsd: 0 }
    periods.set(startTsMs, made)
    return made
  }
  for (let row = 1; row < samples.length; row += 1) {
    at(cell(samples, 'tsMs', row)).pnlMicroUsd +=
      cell(samples, 'equityMicroUsd', row) - cell(samples, 'equityMicroUsd', row - 1)
  }
  for (const fill of fills) {
    const period = at(fill.tsMs)
    period.fillCount += 1
    period.volumeMicroUsd += fill.priceTicks * fill.sizeLots
  }
  return [...periods].map(([startTsMs, figures]) => ({ startTsMs, ...figures }))
}
