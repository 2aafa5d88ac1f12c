/** The figures as rows of text, for the report and the terminal. */
import { MARKOUT_HORIZONS_MS } from '../markouts.ts'
import { MICRO_USD_PER_USD } from '../../core/units.ts'
import { MISSING, numberText, sizeText, usdText } from '../../ops/format.ts'
import type { ReportedRun } from '../result.ts'
import type { PeriodFigures } from '../run-figures.ts'

export interface Table {
  readonly title: string
  readonly about: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Hours or days shown; a longer run shows its last ones. */
const PERIODS_MAX = 48

export function tablesOf(run: ReportedRun): Table[] {
  return [
    attributionTable(run),
    returnsTable(run),
    markoutTable(run),
    tradingTable(run),
    inventoryTable(run),
    hourTable(run),
    dayTable(run),
  ]
}

export function attributionTable({ figures }: ReportedRun): Table {
  const { attribution: of } = figures
  const row = (name: string, microUsd: number): string[] => [name, usdText(microUsd, 6)]
  return {
    title: 'PnL',
    about: 'Dollars, to the micro-dollar; costs negative.',
    head: ['part', 'USD'],
    rows: [
      row('spread captured', of.spreadMicroUsd),
      row(`adverse selection, ${of.horizonMs / 1000} s`, of.adverseSelectionMicroUsd),
      row('inventory', of.inventoryMicroUsd),
      row('fees', of.feesMicroUsd),
      row('funding', of.fundingMicroUsd),
      row('liquidation', of.liquidationMicroUsd),
      ...(of.unexplainedMicroUsd === 0 ? [] : [row('unexplained', of.unexplainedMicroUsd)]),
      row('change of the account', of.equityChangeMicroUsd),
    ],
  }
}

function returnsTable({ figures }: ReportedRun): Table {
  const { returns, drawdown, capitalMicroUsd } = figures
  const { sharpe } = returns
  return {
    title: 'Risk and return',
    about: `${returns.count} returns over ${returns.intervalMs / 1000} s each, on a capital of ${usdText(capitalMicroUsd, 0)} USD; annual figures assume that every interval of a year is like these.`,
    head: ['figure', 'value'],
    rows: [
      ['Sharpe per interval', numberText(sharpe?.sharpePerPeriod ?? null, 3)],
      ['its standard error', numberText(sharpe?.stdErrIid ?? null, 3)],
      ['Sharpe, annual', numberText(sharpe?.sharpe ?? null, 0)],
      ['its standard error', numberText(returns.sharpeStdErr, 0)],
      ['probability that it is above 0', numberText(sharpe?.probabilisticSharpe ?? null, 3)],
      ['Sortino, annual', numberText(sharpe?.sortino ?? null, 0)],
      ['max drawdown, USD', usdText(drawdown.maxAbsolute)],
      ['max drawdown, % of the peak', percentText(drawdown.maxRelative, 4)],
    ],
  }
}

export function markoutTable({ figures }: ReportedRun): Table {
  const at = (horizonMs: number, side: string): string =>
    numberText(
      figures.markouts.find((one) => one.horizonMs === horizonMs && one.side === side)?.bps ?? null,
      2,
    )
  return {
    title: 'Markouts',
    about: 'Bps of value, gain positive, so long after a fill.',
    head: ['after', 'bought', 'sold', 'both', 'fills'],
    rows: MARKOUT_HORIZONS_MS.map((ms) => [
      ms === 0 ? 'at the fill' : `${ms / 1000} s`,
      ...['buy', 'sell', 'both'].map((side) => at(ms, side)),
      String(figures.markouts.find((one) => one.horizonMs === ms && one.side === 'both')?.fillCount ?? 0),
    ]),
  }
}

export function tradingTable({ figures }: ReportedRun): Table {
  const { trading, quoting } = figures
  return {
    title: 'Trading and quoting',
    about: 'Shares are of the time.',
    head: ['figure', 'value'],
    rows: [
      ['fills, as taker', `${trading.fillCount}, ${trading.takerFillCount}`],
      ['volume, USD', usdText(trading.volumeMicroUsd)],
      ['turnover, × capital', numberText(trading.turnover, 3)],
      ['fill ratio, by size', percentText(trading.fillRatio, 3)],
      [
        'requests (new, modify, cancel)',
        `${trading.requestCount} (${trading.placeCount}, ${trading.modifyCount}, ${trading.cancelCount})`,
      ],
      ['requests per fill', numberText(trading.requestsPerFill, 1)],
      ['quoting both sides', percentText(quoting.bothSidesShare, 2)],
      ['bid, ask', `${percentText(quoting.bidShare, 2)}, ${percentText(quoting.askShare, 2)}`],
      [
        'at the best bid, ask',
        `${percentText(quoting.bidAtBestShare, 2)}, ${percentText(quoting.askAtBestShare, 2)}`,
      ],
      ['mean own spread, bps', numberText(quoting.meanSpreadBps, 2)],
    ],
  }
}

export function inventoryTable({ figures, recording }: ReportedRun): Table {
  const { inventory } = figures
  const size = (lots: number): string => sizeText(lots, recording.szDecimals)
  return {
    title: 'Inventory',
    about: 'Base units, and dollars at the mid.',
    head: ['figure', 'size', 'USD'],
    rows: [
      ['mean', size(inventory.meanLots), MISSING],
      [
        'mean of its size',
        size(inventory.meanAbsLots),
        (inventory.meanAbsMicroUsd / MICRO_USD_PER_USD).toFixed(0),
      ],
      ['largest', size(inventory.maxAbsLots), (inventory.maxAbsMicroUsd / MICRO_USD_PER_USD).toFixed(0)],
      ['at the end', size(inventory.endLots), MISSING],
      ['flat, share of the time', percentText(inventory.flatShare, 1), MISSING],
    ],
  }
}

function hourTable({ figures }: ReportedRun): Table {
  return periodTable('By hour', 'hour', figures.hours, HOUR_TEXT_LENGTH)
}

function dayTable({ figures }: ReportedRun): Table {
  return periodTable('By day', 'day', figures.days, DAY_TEXT_LENGTH)
}

/** Of `2026-11-21T09:15:00Z`: what names an hour, and a day. */
const HOUR_TEXT_LENGTH = 13
const DAY_TEXT_LENGTH = 10

function periodTable(
  title: string,
  unit: string,
  periods: readonly PeriodFigures[],
  textLength: number,
): Table {
  return {
    title,
    about:
      periods.length > PERIODS_MAX ? `UTC; the last ${PERIODS_MAX} of ${periods.length} ${unit}s.` : 'UTC.',
    head: [unit, 'PnL, USD', 'fills', 'volume, USD'],
    rows: periods
      .slice(-PERIODS_MAX)
      .map(({ startTsMs, pnlMicroUsd, fillCount, volumeMicroUsd }) => [
        new Date(startTsMs).toISOString().slice(0, textLength).replace('T', ' '),
        usdText(pnlMicroUsd),
        String(fillCount),
        usdText(volumeMicroUsd, 0),
      ]),
  }
}

function percentText(share: number | null, digits: number): string {
  return share === null ? MISSING : `${numberText(100 * share, digits)} %`
}
