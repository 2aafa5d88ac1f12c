/** What an action is to the wire: a shape, how many requests it counts, and what it does for its sender. */
import type { z } from 'zod'
import { submit } from '../../simulation/world.ts'
import type { AccountAction, Address, CommandAnswer, ExchangeCommand } from '../../exchange/command.ts'
import type { VenueContext } from '../context.ts'
import { parseWith } from '../wire/fields.ts'
import type { WireAnswer } from '../wire/types.ts'

/** Who sends, after the signature was checked. */
export interface Sender {
  /** Traded for: the master, or a sub-account of it. */
  readonly account: Address
  /** The account of the key that signed, or of the master whose API wallet signed. */
  readonly master: Address
  /** Whose key signed. */
  readonly signer: Address
  readonly nonce: number
  readonly expiresAfterMs: number | null
}

export type Respond = (answer: WireAnswer) => void

/** One request under way. */
export interface ActionCall {
  readonly context: VenueContext
  readonly sender: Sender
  readonly respond: Respond
}

export interface PreparedAction {
  /** Keys in schema order, numbers and hex normalised: what was signed. */
  readonly normalised: Readonly<Record<string, unknown>> & { readonly type: string }
  readonly units: number
  readonly isCancel: boolean
  run(call: ActionCall): void
}

/** @throws MalformedRequest when the action has another shape */
export type ActionHandler = (action: unknown) => PreparedAction

export interface ActionDefinition<Action extends { readonly type: string }> {
  readonly schema: z.ZodType<Action>
  /** What the schema returns, read by hand, or null: the schema decides. For what comes often; see wire/quick.ts. */
  readonly quick?: (raw: unknown) => Action | null
  /** Orders or cancels in it; 1 when absent. */
  readonly units?: (action: Action) => number
  readonly isCancel?: boolean
  /** Answers through `call.respond`, once: at once, or from the block in which its command runs. */
  readonly run: (action: Action, call: ActionCall) => void
}

export function defineAction<Action extends { readonly type: string }>(
  definition: ActionDefinition<Action>,
): ActionHandler {
  return (raw) => {
    const action = definition.quick?.(raw) ?? parseWith(definition.schema, raw)
    return {
      // The same object: a copy would only tell the compiler that its fields have names.
      normalised: action as PreparedAction['normalised'],
      units: definition.units?.(action) ?? 1,
      isCancel: definition.isCancel ?? false,
      run(call) {
        definition.run(action, call)
      },
    }
  }
}

/**
 * Sends an action of the sender's account into the next block and answers from it.
 * @param toAnswer the answer when the exchange did not refuse the whole; `default` when absent
 */
export function submitAction(
  call: ActionCall,
  action: AccountAction,
  toAnswer: (answer: CommandAnswer) => WireAnswer = () => DONE,
): void {
  const { account, signer, nonce, expiresAfterMs } = call.sender
  submitCommand(call, { kind: 'action', account, signer, nonce, expiresAfterMs, action }, (answer) =>
    call.respond(toAnswer(answer)),
  )
}

/**
 * For what the wire layer keeps itself (API wallets, approvals, names): the exchange checks and uses up the nonce, then
 * the change is made.
 * @param change returns the answer to send
 */
export function afterNonce(call: ActionCall, change: () => WireAnswer): void {
  submitAction(call, { kind: 'noop' }, change)
}

/** Sends a command into the next block; a refusal is answered here, all else goes to `onDone`. */
export function submitCommand(
  call: ActionCall,
  command: ExchangeCommand,
  onDone: (answer: CommandAnswer) => void,
): void {
  submit(call.context.world, command, (answer) => {
    if (answer.kind === 'refused') return call.respond(refused(answer.text))
    try {
      onDone(answer)
    } catch (error) {
      // A fault of the wire layer must not stop the block of everybody else.
      call.context.log('error', 'an answer could not be written', { error: String(error) })
      call.respond(refused('Internal error: see the log of the exchange.'))
    }
  })
}

export const DONE: WireAnswer = { status: 'ok', response: { type: 'default' } }

export function refused(text: string): WireAnswer {
  return { status: 'err', response: text }
}
