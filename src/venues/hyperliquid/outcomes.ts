/**
 * The answer to an action -> inputs. Statuses belong to orders by index; the array may be shorter than the batch, and what
 * is missing or unreadable is uncertain: neither sent nor unsent, and never sent again from here.
 *
 * A modify answers for its new leg alone. What a refusal or a lost answer means for the old leg, the core works out.
 */
import type { CancelCommand, NewOrder } from '../../core/command.ts'
import type { RawInput, RefusalClass, SendUncertain } from '../../core/input.ts'
import type { Grid } from '../../core/units.ts'
import { VenueError } from '../errors.ts'
import { classifyRefusal } from './classify.ts'
import { lotsOf, realTicksOf } from './decimal.ts'
import type { Answer } from './exchange-client.ts'
import type { Batch } from './plan.ts'
import { malformed, recordOf, wholeFieldOf } from './wire.ts'

/** @returns inputs in the order of the commands, then at most one `sendUncertain` */
export function outcomesOf(batch: Batch, answer: Answer, grid: Grid): RawInput[] {
  switch (answer.kind) {
    case 'refused':
      return refusalsOf(batch, answer.refusal, answer.text)
    case 'lost':
      return uncertainOf(batch, cloidsOf(batch), answer.text)
    case 'statuses':
      return readStatuses(batch, answer.statuses, grid)
  }
}

function readStatuses(batch: Batch, statuses: readonly unknown[], grid: Grid): RawInput[] {
  const inputs: RawInput[] = []
  const uncertain: string[] = []
  let because = `the answer has ${statuses.length} statuses for ${batch.commands.length} orders`
  batch.commands.forEach((command, index) => {
    try {
      const status = statuses[index]
      if (status === undefined) throw malformed('every order has a status', null)
      if (command.kind === 'cancel') inputs.push(...cancelOutcome(command, status))
      else inputs.push(orderOutcome(command.order, status, grid))
    } catch (error) {
      if (!(error instanceof VenueError)) throw error
      if (statuses[index] !== undefined) because = error.message
      const cloid = command.kind === 'cancel' ? command.cloid : command.order.cloid
      if (cloid !== null) uncertain.push(cloid)
    }
  })
  return [...inputs, ...uncertainOf(batch, uncertain, because)]
}

function orderOutcome(order: NewOrder, status: unknown, grid: Grid): RawInput {
  const { cloid } = order
  const fields = recordOf(status, 'order status')
  if (typeof fields['error'] === 'string') {
    return { kind: 'orderRefused', cloid, refusal: classifyRefusal(fields['error']), text: fields['error'] }
  }
  if (fields['resting'] !== undefined) {
    return { kind: 'orderResting', cloid, oid: wholeFieldOf(recordOf(fields['resting'], 'resting'), 'oid') }
  }
  const filled = recordOf(fields['filled'], 'a resting, filled or error status')
  return {
    kind: 'orderFilledNow',
    cloid,
    oid: wholeFieldOf(filled, 'oid'),
    totalLots: lotsOf(filled['totalSz'], grid),
    averagePriceTicks: realTicksOf(filled['avgPx'], grid),
  }
}

/** An order that is not ours has no client id to report under; the `orderUpdates` stream tells its end. */
function cancelOutcome(command: CancelCommand, status: unknown): RawInput[] {
  if (status === 'success')
    return command.cloid === null ? [] : [{ kind: 'cancelDone', cloid: command.cloid }]
  const text = recordOf(status, 'cancel status')['error']
  if (typeof text !== 'string') throw malformed('a cancel status is success or an error', status)
  return cancelRefused(command, classifyRefusal(text), text)
}

/** The whole batch was refused before anything happened. */
export function refusalsOf(batch: Batch, refusal: RefusalClass, text: string): RawInput[] {
  if (batch.kind === 'cancel')
    return batch.commands.flatMap((command) => cancelRefused(command, refusal, text))
  return batch.commands.map(({ order }) => ({ kind: 'orderRefused', cloid: order.cloid, refusal, text }))
}

function cancelRefused({ cloid }: CancelCommand, refusal: RefusalClass, text: string): RawInput[] {
  return cloid === null ? [] : [{ kind: 'cancelRefused', cloid, refusal, text }]
}

function uncertainOf(batch: Batch, cloids: readonly string[], text: string): SendUncertain[] {
  return cloids.length === 0 ? [] : [{ kind: 'sendUncertain', cloids, action: batch.kind, text }]
}

function cloidsOf(batch: Batch): string[] {
  if (batch.kind === 'cancel') {
    return batch.commands.flatMap(({ cloid }) => (cloid === null ? [] : [cloid]))
  }
  return batch.commands.map(({ order }) => order.cloid)
}
