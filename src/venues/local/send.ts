/** The maker's commands as commands of the exchange, and its answers as inputs. */
import type { Approved, NewOrder, TimeInForce } from '../../core/command.ts'
import type { RawInput } from '../../core/input.ts'
import type { AccountAction, OrderAnswer, OrderRequest, OrderTif } from '../../exchange/command.ts'
import { findOrder } from '../../exchange/queries/orders.ts'
import { submit } from '../../simulation/world.ts'
import type { World } from '../../simulation/world.ts'
import { classifyRefusal } from '../hyperliquid/classify.ts'
import { statusOf } from './event-inputs.ts'

const TIF: Readonly<Record<TimeInForce, OrderTif>> = { alo: 'Alo', ioc: 'Ioc', gtc: 'Gtc' }

interface Sender {
  readonly account: string
  readonly assetId: number
}

export function sendToWorld(
  world: World,
  of: Sender,
  commands: readonly Approved[],
  emit: (input: RawInput) => void,
): void {
  for (const command of commands) {
    switch (command.kind) {
      case 'place':
        act(world, of, { kind: 'order', orders: [requestOf(command.order, of)], grouping: 'na' }, (answer) =>
          emit(orderInput(command.order, answer)),
        )
        break
      case 'modify': {
        const modifies = [{ ref: { oid: command.targetOid }, order: requestOf(command.order, of) }]
        act(world, of, { kind: 'modify', modifies, always: false }, (answer) =>
          emit(orderInput(command.order, answer)),
        )
        break
      }
      case 'cancel': {
        const { cloid, oid } = command
        const ref = oid === null ? { cloid: cloid ?? '' } : { oid }
        act(world, of, { kind: 'cancel', cancels: [{ assetId: of.assetId, ref }] }, (answer) => {
          if (cloid === null) return
          if (answer.kind !== 'error') emit({ kind: 'cancelDone', cloid })
          else
            emit({ kind: 'cancelRefused', cloid, refusal: classifyRefusal(answer.text), text: answer.text })
        })
        break
      }
      case 'queryOrder':
        emit(statusInput(world, of, command.cloid))
        break
      case 'addMargin':
        changeMargin(world, of, command.amountMicroUsd)
        break
      case 'releaseMargin':
        changeMargin(world, of, -command.amountMicroUsd)
        break
      case 'moveCollateral':
        break // Nothing is told to lie elsewhere, so it is never asked for.
      case 'resync':
        break // The venue itself samples the account.
    }
  }
}

/** Whatever the answer, the next account sample shows the margin. */
function changeMargin(world: World, of: Sender, deltaMicroUsd: number): void {
  act(world, of, { kind: 'updateIsolatedMargin', assetId: of.assetId, deltaMicroUsd }, () => undefined)
}

type SingleAnswer = OrderAnswer | { readonly kind: 'success' }

/** One order or cancel an action, so the first answer is the only one; a refusal of the whole action stands for it. */
function act(
  world: World,
  of: Sender,
  action: AccountAction,
  onAnswer: (answer: SingleAnswer) => void,
): void {
  const { account } = of
  submit(
    world,
    { kind: 'action', account, signer: account, nonce: null, expiresAfterMs: null, action },
    (answer) => {
      if (answer.kind === 'refused') onAnswer({ kind: 'error', text: answer.text })
      else if (answer.kind === 'done' || answer.kind === 'twap') onAnswer({ kind: 'success' })
      else onAnswer(answer.answers[0] ?? { kind: 'error', text: 'no answer' })
    },
  )
}

function requestOf(order: NewOrder, of: Sender): OrderRequest {
  const { side, priceTicks, sizeLots, reduceOnly, cloid } = order
  return {
    assetId: of.assetId,
    side,
    priceTicks,
    sizeLots,
    reduceOnly,
    tif: TIF[order.tif],
    trigger: null,
    cloid,
  }
}

function orderInput(order: NewOrder, answer: SingleAnswer): RawInput {
  const { cloid } = order
  switch (answer.kind) {
    case 'resting':
      return { kind: 'orderResting', cloid, oid: answer.oid }
    case 'filled': {
      const { oid, totalLots, notionalMicroUsd } = answer
      return {
        kind: 'orderFilledNow',
        cloid,
        oid,
        totalLots,
        averagePriceTicks: notionalMicroUsd / totalLots,
      }
    }
    case 'error':
      return { kind: 'orderRefused', cloid, refusal: classifyRefusal(answer.text), text: answer.text }
    case 'success':
    case 'waitingForFill':
    case 'waitingForTrigger':
      return {
        kind: 'sendUncertain',
        cloids: [cloid],
        action: 'place',
        text: `unexpected answer ${answer.kind}`,
      }
  }
}

function statusInput(world: World, of: Sender, cloid: string): RawInput {
  const found = findOrder(world.exchange, of.account, { cloid })
  return {
    kind: 'orderStatus',
    cloid,
    oid: found?.order.oid ?? null,
    status: found === null ? 'unknown' : statusOf(found.status),
    remainingLots: found?.order.remainingLots ?? 0,
    venueTsMs: world.nowTsMs,
  }
}
