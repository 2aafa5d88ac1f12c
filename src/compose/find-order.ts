/** From the venue's id of an order to the input at which the maker decided to place it: two readings of the journal. */
import type { Command, NewOrder } from '../core/command.ts'
import type { Input } from '../core/input.ts'
import { readJournal } from '../journal/reader.ts'
import { MomentError } from './moment-error.ts'

export interface PlacedOrder {
  readonly seq: number
  readonly oid: number
  readonly order: NewOrder
}

/**
 * @throws MomentError UNKNOWN_ORDER when no order of this run has the id
 * @throws JournalError when the journal cannot be read
 */
export function findPlacedOrder(dir: string, oid: number): PlacedOrder {
  const cloid = cloidOf(dir, oid)
  for (const record of readJournal(dir).records) {
    if (record.kind !== 'command') continue
    const order = orderOf(record.command)
    if (order?.cloid === cloid) return { seq: record.seq, oid, order }
  }
  throw new MomentError(
    'UNKNOWN_ORDER',
    `--oid ${oid}: the order has client id ${cloid}, which this run did not place: look in the journal of an earlier run`,
  )
}

function cloidOf(dir: string, oid: number): string {
  let nearest: number | null = null
  for (const record of readJournal(dir).records) {
    if (record.kind !== 'input') continue
    const named = namedIn(record.input)
    if (named === null) continue
    if (named.oid === oid) return named.cloid
    if (nearest === null || Math.abs(named.oid - oid) < Math.abs(nearest - oid)) nearest = named.oid
  }
  const near = nearest === null ? 'no order of it ever rested' : `the nearest of its orders is ${nearest}`
  throw new MomentError('UNKNOWN_ORDER', `--oid ${oid}: no order of this journal has this id; ${near}`)
}

/** The ids that an input brings together, or null. */
function namedIn(input: Input): { readonly oid: number; readonly cloid: string } | null {
  switch (input.kind) {
    case 'orderResting':
    case 'orderFilledNow':
    case 'orderUpdate':
    case 'orderStatus':
    case 'fill': {
      const { oid, cloid } = input
      return oid === null || cloid === null ? null : { oid, cloid }
    }
    default:
      return null
  }
}

function orderOf(command: Command): NewOrder | null {
  return command.kind === 'place' || command.kind === 'modify' ? command.order : null
}
