/** A counterfactual for people: first what it is not, then the differences, then the money with its assumptions. */
import type { Command } from '../core/command.ts'
import { MISSING, numberText, priceText, sizeText, usdText } from '../ops/format.ts'
import type { CounterfactualReport, SideChange } from './compare-makers.ts'
import { tableText } from './text-table.ts'

/** Of a first difference, per maker. */
const COMMANDS_SHOWN_MAX = 12

export function counterfactualText(report: CounterfactualReport): string {
  const { changes, cycleCount, inputCount } = report
  const share = (count: number, of: number): string =>
    `${count} of ${of}${of === 0 ? '' : ` (${((100 * count) / of).toFixed(1)} %)`}`
  const lines = [
    'COUNTERFACTUAL, not a check: the same inputs through a maker with other settings. Both see the fills of the recorded run.',
    `changed   ${changes.length === 0 ? 'nothing: --set gives the values of the journal' : changes.map(({ key, from, to }) => `${key} ${JSON.stringify(from)} → ${JSON.stringify(to)}`).join(', ')}`,
    `ladders   differ after ${share(report.ladderDifferenceCount, cycleCount)} cycles`,
    `commands  differ at ${share(report.commandDifferenceCount, inputCount)} inputs`,
    ...firstLines(report),
    ...causeLines(report),
    '',
    ...sideTable(report),
    '',
    ...fillLines(report),
  ]
  return `${lines.join('\n')}\n`
}

function firstLines(report: CounterfactualReport): string[] {
  const { first } = report
  if (first === null) return ['first     none: every decision is the same']
  const commandLines = (word: string, commands: readonly Command[]): string[] => {
    if (commands.length === 0) return [`  ${word}  nothing`]
    const shown = commands
      .slice(0, COMMANDS_SHOWN_MAX)
      .map((command) => `  ${word}  ${commandText(command, report)}`)
    const left = commands.length - shown.length
    return left > 0 ? [...shown, `  ${word}  and ${left} more`] : shown
  }
  return [
    `first     input ${first.seq} (${first.inputKind}) at ${new Date(first.tsMs).toISOString()}`,
    ...commandLines('recorded', first.recorded),
    ...commandLines('changed ', first.changed),
  ]
}

/** Of several keys, which one did it: each is tried without the others. */
function causeLines({ effects, first }: CounterfactualReport): string[] {
  if (effects.length === 0) return []
  const rows = effects.map(({ key, alone }) => [
    key,
    alone === null ? MISSING : String(alone.ladderDifferenceCount),
    alone === null ? MISSING : String(alone.commandDifferenceCount),
    String(alone?.firstSeq ?? MISSING),
  ])
  const causes = effects.filter(({ alone }) => first !== null && alone?.firstSeq === first.seq)
  return [
    ...(first === null
      ? []
      : [
          `cause     of the first: ${causes.length === 0 ? 'no key alone, only together' : causes.map(({ key }) => key).join(', each alone: ')}`,
        ]),
    '',
    ...tableText(['each key alone', 'ladders', 'commands', 'first at input'], rows, [1, 2, 3]),
    ...(effects.some(({ alone }) => alone === null)
      ? [`${MISSING} in every column: the rest of the configuration forbids that value without the others`]
      : []),
  ]
}

function commandText(command: Command, report: CounterfactualReport): string {
  if (command.kind !== 'place' && command.kind !== 'modify') return JSON.stringify(command)
  const { order } = command
  const what = `${order.side} ${sizeText(order.sizeLots, report.szDecimals)} at ${priceText(order.priceTicks, report.priceDecimals)}${order.reduceOnly ? ', reduce-only' : ''}`
  return command.kind === 'place' ? `place ${what}` : `modify ${command.targetOid} to ${what}`
}

function sideTable(report: CounterfactualReport): string[] {
  const row = (name: string, of: SideChange): string[] => [
    name,
    String(of.cycles),
    numberText(of.recordedHalfBps, 3),
    numberText(of.changedHalfBps, 3),
    changeText(of.recordedHalfBps, of.changedHalfBps, 1, 3),
    lotsText(of.recordedLots, report.szDecimals),
    lotsText(of.changedLots, report.szDecimals),
    changeText(of.recordedLots, of.changedLots, 10 ** -report.szDecimals, report.szDecimals),
    String(of.onlyRecorded),
    String(of.onlyChanged),
  ]
  return tableText(
    [
      'mean of',
      'cycles',
      'half bps',
      'changed',
      'diff',
      'size',
      'changed',
      'diff',
      'only recorded',
      'only changed',
    ],
    [row('bid', report.bid), row('ask', report.ask)],
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  )
}

function changeText(before: number | null, after: number | null, unit: number, digits: number): string {
  if (before === null || after === null) return MISSING
  const change = ((after - before) * unit).toFixed(digits)
  if (Number(change) === 0) return '='
  return change.startsWith('-') ? change : `+${change}`
}

function lotsText(lots: number | null, szDecimals: number): string {
  return lots === null ? MISSING : sizeText(lots, szDecimals)
}

function fillLines(report: CounterfactualReport): string[] {
  const { fills, szDecimals } = report
  const size = (lots: number): string => sizeText(lots, szDecimals)
  return [
    `fills     recorded ${fills.ownFills} (${size(fills.ownLots)}): kept ${size(fills.keptLots)}, missed ${size(fills.missedLots)}; extra ${size(fills.extraLots)}, possible ${size(fills.possibleLots)}`,
    `value     recorded ${usdText(fills.recordedMicroUsd)}, changed ${usdText(fills.changedMicroUsd)} USD, each trade at the mid 10 s later, less the maker fee`,
    `pnl       difference ${usdText(fills.differenceMicroUsd)} USD; between ${usdText(fills.lowMicroUsd)} and ${usdText(fills.highMicroUsd)} with the possible trades`,
    `assumed   each order moved by the difference of the wishes at its level; kept: own fills at least as aggressive; extra: prints`,
    `          beyond a moved quote; possible: prints at its price, and what a larger order had left; a quote that traded stands`,
    `          again after the next cycle; no trade changes position, risk or the market`,
    ...(fills.unripeCount > 0
      ? [`          ${fills.unripeCount} trades of the last 10 s are valued at the last mid`]
      : []),
  ]
}
