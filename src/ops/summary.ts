/** The end of a run: what was earned and from what, what it took, and whether the exchange agrees to the micro-dollar. */
import { assert } from '../core/assert.ts'
import type { MakerView } from '../core/view.ts'
import { durationText, sizeText, usdText } from './format.ts'
import { stateText } from './status.ts'

/** Four figures of one session, as one side has them. Both sides value the position at the same price. */
export interface AccountFigures {
  readonly positionLots: number
  readonly openOrderCount: number
  /** Cost positive. */
  readonly feesMicroUsd: number
  readonly pnlMicroUsd: number
}

export interface SummaryFacts {
  readonly view: MakerView
  readonly durationMs: number
  /** By kind, as the venue port counts them. */
  readonly requestCounts: Readonly<Record<string, number>>
  readonly seed: number
  readonly configHash: string
  /** Null when no journal was kept. */
  readonly journal: { readonly dir: string; readonly hash: string } | null
  readonly ours: AccountFigures
  /** Null when the exchange could not be asked; the summary says so. */
  readonly venue: AccountFigures | null
  /** From the trigger of the kill switch to the last cancel sent, ms; null when it did not trip. */
  readonly killTookMs?: number | null
  /** The exchange is our own model of one, on a real market's data. */
  readonly isPaper?: boolean
}

export interface ComparisonRow {
  readonly name: 'position' | 'open orders' | 'fees' | 'pnl'
  /** Whole lots, orders or micro-dollars. */
  readonly ours: number
  readonly venue: number
  readonly isEqual: boolean
}

export interface Summary {
  readonly facts: SummaryFacts
  /** Null when the exchange could not be asked. */
  readonly comparison: readonly ComparisonRow[] | null
  /** False also when the exchange could not be asked: silence is no agreement. */
  readonly agrees: boolean
}

/** @throws InvariantError when the parts of the PnL do not add up to the total, to the micro-dollar */
export function summarise(facts: SummaryFacts): Summary {
  const { pnl } = facts.view
  const sum = pnl.spreadMicroUsd + pnl.feesMicroUsd + pnl.fundingMicroUsd + pnl.inventoryMicroUsd
  assert(sum === pnl.totalMicroUsd, 'the parts of the PnL add up to the total')
  const comparison = facts.venue === null ? null : compare(facts.ours, facts.venue)
  return { facts, comparison, agrees: comparison?.every((row) => row.isEqual) ?? false }
}

function compare(ours: AccountFigures, venue: AccountFigures): ComparisonRow[] {
  const row = (name: ComparisonRow['name'], left: number, right: number): ComparisonRow => ({
    name,
    ours: left,
    venue: right,
    isEqual: left === right,
  })
  return [
    row('position', ours.positionLots, venue.positionLots),
    row('open orders', ours.openOrderCount, venue.openOrderCount),
    row('fees', ours.feesMicroUsd, venue.feesMicroUsd),
    row('pnl', ours.pnlMicroUsd, venue.pnlMicroUsd),
  ]
}

/** The table that a run ends with; several lines, without the last line end. */
export function formatSummary(summary: Summary): string {
  const { facts } = summary
  const { view } = facts
  const { pnl } = view
  const exact = (microUsd: number): string => usdText(microUsd, 6)
  const requests = Object.entries(facts.requestCounts).map(([kind, count]) => `${kind} ${count}`)
  const requestTotal = Object.values(facts.requestCounts).reduce((sum, count) => sum + count, 0)
  const rows: readonly (readonly [string, string])[] = [
    ['ran', `${durationText(facts.durationMs)}, ended ${stateText(view)}`],
    ['fills', `${view.fillCount}, volume ${usdText(view.volumeMicroUsd)} USD`],
    ['position', `${sizeText(view.positionLots, view.szDecimals)} ${view.coin}`],
    ['pnl', `${exact(pnl.totalMicroUsd)} USD`],
    ['  spread', exact(pnl.spreadMicroUsd)],
    ['  fees', exact(pnl.feesMicroUsd)],
    ['  funding', exact(pnl.fundingMicroUsd)],
    ['  inventory', exact(pnl.inventoryMicroUsd)],
    ['quotes', `${view.quoteCount} sent, ${view.cancelCount} cancels, ${view.refusalCount} refused`],
    ['requests', requestTotal === 0 ? '0' : `${requestTotal} (${requests.join(', ')})`],
    ['journal', facts.journal === null ? 'none' : `${facts.journal.dir}  ${facts.journal.hash}`],
    ...killRow(facts.killTookMs ?? null),
    ['state', view.stateHash],
    ['seed', `${facts.seed}, config ${facts.configHash}`],
  ]
  const table = rows.map(([name, value]) => `  ${name.padEnd(12)} ${value}`)
  const mark = facts.isPaper === true ? ' on PAPER: no order was sent' : ''
  return [`summary of ${view.coin}${mark}`, ...table, ...comparisonLines(summary)].join('\n')
}

function killRow(tookMs: number | null): [string, string][] {
  return tookMs === null
    ? []
    : [['kill switch', `last cancel sent ${tookMs.toFixed(1)} ms after the trigger`]]
}

function comparisonLines(summary: Summary): string[] {
  if (summary.comparison === null) return ['  the exchange could not be asked: nothing was compared']
  const { szDecimals } = summary.facts.view
  const shown = (name: ComparisonRow['name'], value: number): string => {
    if (name === 'open orders') return String(value)
    return name === 'position' ? sizeText(value, szDecimals) : usdText(value, 6)
  }
  const lines = summary.comparison.map(({ name, ours, venue, isEqual }) => {
    const columns = [name.padEnd(12), shown(name, ours).padStart(18), shown(name, venue).padStart(18)]
    return `  ${columns.join(' ')}  ${isEqual ? 'equal' : 'DIFFERENT'}`
  })
  return [
    `  ${''.padEnd(12)} ${'ours'.padStart(18)} ${(summary.facts.isPaper === true ? 'paper' : 'exchange').padStart(18)}`,
    ...lines,
  ]
}

/** The same for `--json`: whole micro-dollars and lots, so that nothing is lost. */
export function summaryRecord(summary: Summary): Record<string, unknown> {
  const { view, durationMs, requestCounts, seed, configHash, journal } = summary.facts
  return {
    kind: 'summary',
    ...(summary.facts.isPaper === true ? { mode: 'paper' } : {}),
    coin: view.coin,
    durationMs,
    state: view.state,
    because: view.because,
    fills: view.fillCount,
    volumeMicroUsd: view.volumeMicroUsd,
    positionLots: view.positionLots,
    pnl: view.pnl,
    quotes: view.quoteCount,
    cancels: view.cancelCount,
    refusals: view.refusalCount,
    duplicateFills: view.duplicateFillCount,
    requests: requestCounts,
    journal,
    stateHash: view.stateHash,
    seed,
    configHash,
    comparison: summary.comparison,
    agrees: summary.agrees,
    killTookMs: summary.facts.killTookMs ?? null,
  }
}
