/** The figures of a run, backtested or lived, as lines for the terminal. */
import { attributionTable, inventoryTable, markoutTable, tradingTable } from '../backtest/report/tables.ts'
import type { Table } from '../backtest/report/tables.ts'
import type { ReportedRun } from '../backtest/result.ts'
import { numberText, usdText } from '../ops/format.ts'

export function figureLines(run: ReportedRun): string[] {
  const { returns, drawdown, capitalMicroUsd } = run.figures
  const { sharpe } = returns
  return [
    ...[attributionTable, tradingTable, inventoryTable, markoutTable].flatMap((tableOf) => [
      '',
      ...tableText(tableOf(run)),
    ]),
    '',
    `Sharpe ${numberText(sharpe?.sharpePerPeriod ?? null, 3)} ± ${numberText(sharpe?.stdErrIid ?? null, 3)} per ${returns.intervalMs / 1000} s (annual ${numberText(sharpe?.sharpe ?? null, 0)} ± ${numberText(returns.sharpeStdErr, 0)}), Sortino ${numberText(sharpe?.sortino ?? null, 0)}, on ${usdText(capitalMicroUsd, 0)} USD`,
    `max drawdown ${usdText(drawdown.maxAbsolute)} USD`,
  ]
}

function tableText({ title, head, rows }: Table): string[] {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((text, column) => (column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0))).join('  ')}`
  return [title, ...(head.length > 2 ? [line(head)] : []), ...rows.map(line)]
}
