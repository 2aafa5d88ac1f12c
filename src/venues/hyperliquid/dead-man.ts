/**
 * The venue's dead man's switch: "cancel everything of this account at that time, unless I say otherwise before". It is moved
 * on while we live, so it fires only when we have died. Defence in depth: the venue grants it to large traders alone, lets it
 * fire a few times a day, cancels *all* orders of the account, and does nothing about positions.
 *
 * state  what the venue said last: armed, refused (this time), unavailable (not granted to this account), lost (no answer)
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/exchange-endpoint
 */
import { type ExchangeClient, post } from './exchange-client.ts'
import type { Log } from './options.ts'
import { pause } from './pause.ts'

export type DeadManState = 'off' | 'armed' | 'refused' | 'unavailable' | 'lost'

/** An account that is not granted the switch is asked about again after this, ms: its volume may have grown. */
const UNAVAILABLE_RETRY_MS = 600_000
const NOT_GRANTED = /enough volume|not enough|volume traded/i

export interface DeadMan {
  readonly state: DeadManState
  /** Moves the switch out of the way for an end in order; what it would cancel may be somebody else's. */
  stop(): Promise<void>
  /** No further word from us: the switch fires, if it was granted. For an end with orders that may still rest. */
  leave(): Promise<void>
}

/**
 * Arms the switch and keeps moving it.
 * @param of.leadMs how long after our last word the venue cancels; refreshed at half of it
 */
export function startDeadMan(of: {
  readonly client: ExchangeClient
  readonly leadMs: number
  readonly nowMs: () => number
  readonly log: Log
}): DeadMan {
  const { client, leadMs, nowMs, log } = of
  const end = new AbortController()
  const said: { state: DeadManState } = { state: 'off' }
  let mayBeArmed = false

  const become = (next: DeadManState, because: string): void => {
    if (next === said.state) return
    said.state = next
    log(next === 'refused' || next === 'lost' ? 'warn' : 'info', `the dead man's switch is ${next}`, {
      because,
    })
  }
  const refresh = async (): Promise<void> => {
    const answer = await post(client, { type: 'scheduleCancel', time: nowMs() + leadMs }, null)
    if (answer.kind === 'statuses') {
      mayBeArmed = true
      become('armed', `everything is cancelled ${leadMs} ms after our last word`)
    } else if (answer.kind === 'lost') {
      mayBeArmed = true
      become('lost', answer.text)
    } else become(NOT_GRANTED.test(answer.text) ? 'unavailable' : 'refused', answer.text)
  }
  const running = (async () => {
    while (!end.signal.aborted) {
      await refresh()
      await pause(said.state === 'unavailable' ? UNAVAILABLE_RETRY_MS : leadMs / 2, end.signal)
    }
  })()
  return {
    get state() {
      return said.state
    },
    async stop() {
      end.abort()
      await running
      if (!mayBeArmed) return
      mayBeArmed = false
      const answer = await post(client, { type: 'scheduleCancel' }, null)
      if (answer.kind === 'statuses') become('off', 'the run ends')
      else log('warn', "the dead man's switch could not be taken back", { because: answer.text })
    },
    async leave() {
      end.abort()
      await running
      if (!mayBeArmed) return
      log('warn', "the dead man's switch is left as it is: orders of ours may still rest", { leadMs })
    },
  }
}
