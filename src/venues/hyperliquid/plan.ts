/**
 * The commands of one cycle -> the fewest actions, in the order in which they matter: cancels, then modifies, then new
 * post-only orders, then takers. Post-only and taking orders never share an action, since the venue runs a block's
 * actions in classes and one taker would move the whole batch to the last.
 */
import type { CancelCommand, Command, ModifyCommand, PlaceCommand } from '../../core/command.ts'
import type { MarketSpec } from '../../core/market.ts'
import { type Action, encodeOrder } from './encode.ts'
import { BATCH_UNITS_MAX } from './options.ts'

/** One action and, by index, the commands its statuses answer. */
export type Batch =
  | { readonly kind: 'cancel'; readonly action: Action; readonly commands: readonly CancelCommand[] }
  | { readonly kind: 'modify'; readonly action: Action; readonly commands: readonly ModifyCommand[] }
  | { readonly kind: 'place'; readonly action: Action; readonly commands: readonly PlaceCommand[] }

export function planBatches(commands: readonly Command[], market: MarketSpec): Batch[] {
  const byOid: CancelCommand[] = []
  const byCloid: CancelCommand[] = []
  const modifies: ModifyCommand[] = []
  const makers: PlaceCommand[] = []
  const takers: PlaceCommand[] = []
  for (const command of commands) {
    if (command.kind === 'cancel') (isByCloid(command) ? byCloid : byOid).push(command)
    else if (command.kind === 'modify') modifies.push(command)
    else if (command.kind === 'place') (command.order.tif === 'alo' ? makers : takers).push(command)
  }
  return [
    ...chunksOf(byOid).map((part) => cancelBatch(part, market)),
    ...chunksOf(byCloid).map((part) => cancelBatch(part, market)),
    ...chunksOf(modifies).map((part) => modifyBatch(part, market)),
    ...chunksOf(makers).map((part) => placeBatch(part, market)),
    ...chunksOf(takers).map((part) => placeBatch(part, market)),
  ]
}

function isByCloid({ oid, cloid, byCloid }: CancelCommand): boolean {
  return oid === null || (byCloid === true && cloid !== null)
}

/** @param commands all by oid, or all by client id */
function cancelBatch(commands: readonly CancelCommand[], market: MarketSpec): Batch {
  const oids: { readonly a: number; readonly o: number }[] = []
  const cloids: { readonly asset: number; readonly cloid: string }[] = []
  for (const command of commands) {
    const { oid, cloid } = command
    if (oid !== null && !isByCloid(command)) oids.push({ a: market.assetId, o: oid })
    else if (cloid !== null) cloids.push({ asset: market.assetId, cloid })
  }
  const action: Action =
    oids.length > 0 ? { type: 'cancel', cancels: oids } : { type: 'cancelByCloid', cancels: cloids }
  return { kind: 'cancel', action, commands }
}

function modifyBatch(commands: readonly ModifyCommand[], market: MarketSpec): Batch {
  const modifies = commands.map(({ targetOid, order }) => ({
    oid: targetOid,
    order: encodeOrder(order, market),
  }))
  return { kind: 'modify', action: { type: 'batchModify', modifies }, commands }
}

function placeBatch(commands: readonly PlaceCommand[], market: MarketSpec): Batch {
  const orders = commands.map(({ order }) => encodeOrder(order, market))
  return { kind: 'place', action: { type: 'order', orders, grouping: 'na' }, commands }
}

function chunksOf<T>(items: readonly T[]): (readonly T[])[] {
  const chunks: (readonly T[])[] = []
  for (let start = 0; start < items.length; start += BATCH_UNITS_MAX) {
    chunks.push(items.slice(start, start + BATCH_UNITS_MAX))
  }
  return chunks
}
