/** The names in a fault script, checked against what the venue serves: a fault for a channel or request there is not would never strike. */
import { ACTIONS } from '../actions/table.ts'
import { INFO_REQUESTS } from '../info/table.ts'
import { FEEDS } from '../subscriptions/table.ts'
import { type FaultScript, FaultScriptError } from './script.ts'

const ALL = '*'
/** Frames that answer the client, and the one channel that is not called as its subscription. */
const OTHER_CHANNELS: readonly string[] = ['user', 'subscriptionResponse', 'post', 'pong', 'error']
/** What subscriptions arrive on; those of `userEvents` on `user`. */
const CHANNELS: ReadonlySet<string> = new Set(
  [...FEEDS.keys(), ...OTHER_CHANNELS].filter((channel) => channel !== 'userEvents'),
)
const REQUESTS: ReadonlySet<string> = new Set([...ACTIONS.keys(), ...INFO_REQUESTS.keys()])

/**
 * @param origin the file, for messages
 * @throws FaultScriptError BAD_FAULT_SCRIPT for a request or channel that the venue does not have
 */
export function checkFaultNames(script: FaultScript, origin: string): void {
  script.fault.forEach((fault, index) => {
    const field = `${origin}: fault.${index}`
    if ('requests' in fault) checkAll(fault.requests, REQUESTS, `${field}.requests`, 'request')
    if ('channels' in fault) checkAll(fault.channels, CHANNELS, `${field}.channels`, 'channel')
  })
}

function checkAll(
  names: readonly string[],
  known: ReadonlySet<string>,
  field: string,
  what: 'request' | 'channel',
): void {
  const wrong = names.find((name) => name !== ALL && !known.has(name))
  if (wrong === undefined) return
  const there = [...known].sort().join(', ')
  throw new FaultScriptError(
    'BAD_FAULT_SCRIPT',
    `${field} names "${wrong}", which is no ${what} of the venue; there are ${there}`,
  )
}
