/** `hypermake journal state` and `journal events`: what the event store knows, for people and for pipes. */
import { toCsvLine } from '../journal/inspect.ts'
import { openEventStore } from './event-store.ts'
import type { ExchangePicture, Moment, PointInTime } from './event-store.ts'
import { exitCodes } from './exit-codes.ts'
import type { OracleEvent } from './oracle-events.ts'
import type { MakerView } from '../core/view.ts'
import { formatStatus } from '../ops/status.ts'
import { usdText } from '../ops/format.ts'

const EVENT_COLUMNS = [
  'seq',
  'tsMs',
  'kind',
  'account',
  'market',
  'side',
  'priceTicks',
  'sizeLots',
  'oid',
  'amountMicroUsd',
] as const

/** @throws MomentError, JournalError */
export function journalState(of: {
  readonly dir: string
  readonly moment: Moment
  readonly json: boolean
}): number {
  const point = openEventStore(of.dir).stateAt(of.moment)
  process.stdout.write(of.json ? `${JSON.stringify({ kind: 'state', ...point })}\n` : `${textOf(point)}\n`)
  return exitCodes.ok
}

/** @throws MomentError DIVERGED, JournalError */
export function journalEvents(of: {
  readonly dir: string
  readonly fromSeq: number
  readonly json: boolean
}): number {
  if (!of.json) process.stdout.write(`${EVENT_COLUMNS.join(',')}\n`)
  const write = (event: OracleEvent): void => {
    const text = of.json ? JSON.stringify(event) : toCsvLine(EVENT_COLUMNS.map((column) => event[column]))
    process.stdout.write(`${text}\n`)
  }
  openEventStore(of.dir).replayFrom(of.fromSeq, write)
  return exitCodes.ok
}

function textOf({ machine, seq, tsMs, stateHash, state }: PointInTime): string {
  const head = [`${machine} after ${seq}, ${new Date(tsMs).toISOString()}`, `  state    ${stateHash}`]
  return [...head, ...('markets' in state ? exchangeLines(state) : makerLines(state))].join('\n')
}

function makerLines(view: MakerView): string[] {
  return [
    `  ${formatStatus(view)}`,
    `  orders   ${view.openOrderCount} open, ${view.uncertainOrderCount} uncertain`,
  ]
}

function exchangeLines({ markets, accounts }: ExchangePicture): string[] {
  return [
    ...markets
      .filter(({ bidTicks, askTicks }) => bidTicks > 0 || askTicks > 0)
      .map(
        ({ coin, bidTicks, askTicks, oracleTicks, openInterestLots }) =>
          `  market   ${coin}  bid ${bidTicks} ask ${askTicks} oracle ${oracleTicks} ticks, open interest ${openInterestLots} lots`,
      ),
    ...accounts
      .filter(({ openOrderCount, positions }) => openOrderCount > 0 || positions.length > 0)
      .map(({ account, dex, accountValueMicroUsd, openOrderCount, positions }) => {
        const held = positions.map(({ assetId, sizeLots }) => `${sizeLots} lots of ${assetId}`).join(', ')
        const where = dex === '' ? 'main' : dex
        return `  account  ${account}  ${where}  ${usdText(accountValueMicroUsd)} USD, ${openOrderCount} orders, ${held === '' ? 'flat' : held}`
      }),
  ]
}
