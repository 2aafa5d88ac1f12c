/** `/exchange`: body → action → signer → next block → answer. The same way for HTTP and for WebSocket posts. */
import { BATCH_UNITS_MAX } from '../../exchange/limits.ts'
import { chargeExpired, chargeRequest } from '../../exchange/rate-limits.ts'
import type { Overdrawn } from '../../exchange/rate-limits.ts'
import { tradedVolumeMicroUsd } from '../../exchange/queries/money.ts'
import { SigningError } from '../../signing/bytes.ts'
import type { VenueContext } from '../context.ts'
import { fromMicroUsd } from '../wire/decimals.ts'
import { MalformedRequest, parseWith } from '../wire/fields.ts'
import { quickFields } from '../wire/quick.ts'
import { type ActionHandler, type PreparedAction, refused, type Respond, type Sender } from './action.ts'
import { envelope, quickEnvelope, resolveSender } from './envelope.ts'
import { ACTIONS } from './table.ts'

/**
 * @param respond called once: at once when the action is refused before it reaches the exchange, else from its block
 * @throws MalformedRequest when the body is not a request this venue knows: 422
 */
export function executeAction(context: VenueContext, body: unknown, respond: Respond): void {
  const request = quickEnvelope(body) ?? parseWith(envelope, body)
  const action = handlerOf(request.action)(request.action)
  if (action.units > BATCH_UNITS_MAX)
    return respond(refused(`Signed action over weight limit of ${BATCH_UNITS_MAX}.`))

  const result = resolveOrMalformed(() => resolveSender(context, request, action))
  if (result.kind === 'refused') return respond(refused(result.text))
  const refusal = charge(context, result.sender, action)
  if (refusal !== null) return respond(refused(refusal))
  action.run({ context, sender: result.sender, respond })
}

function handlerOf(action: unknown): ActionHandler {
  const type = quickFields(action)?.['type']
  const handler = typeof type === 'string' ? ACTIONS.get(type) : undefined
  if (handler === undefined) throw new MalformedRequest()
  return handler
}

function charge(context: VenueContext, sender: Sender, action: PreparedAction): string | null {
  const { account, expiresAfterMs } = sender
  const nowTsMs = context.world.nowTsMs
  const units = Math.max(1, action.units)
  const tradedMicroUsd = tradedVolumeMicroUsd(context.exchange, account)
  const refusal = chargeRequest(context.limits, {
    account,
    units,
    isCancel: action.isCancel,
    tradedMicroUsd,
    nowTsMs,
  })
  if (refusal === null && expiresAfterMs !== null && expiresAfterMs < nowTsMs) {
    chargeExpired(context.limits, account, units)
  }
  return refusal === null ? null : overdrawnText(refusal, tradedMicroUsd)
}

/** The venue's words. */
export function overdrawnText({ wantedCount, ceilingCount }: Overdrawn, tradedMicroUsd: number): string {
  return (
    `Too many cumulative requests sent (${wantedCount} > ${ceilingCount}) for cumulative volume traded ` +
    `$${fromMicroUsd(tradedMicroUsd)}. Place taker orders to free up 1 request per USDC traded.`
  )
}

/** What cannot be encoded for signing (too deep, a number beyond 2^53) was never signed by anybody. */
function resolveOrMalformed<Result>(resolve: () => Result): Result {
  try {
    return resolve()
  } catch (error) {
    if (error instanceof SigningError) throw new MalformedRequest()
    throw error
  }
}
