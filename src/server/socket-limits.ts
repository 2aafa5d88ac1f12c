/**
 * The venue's limits on WebSocket use by address of origin: connections, messages, accounts followed.
 *
 * state  one entry per origin that has a connection open or opened one in the last minute
 */
export const CONNECTIONS_MAX = 10
export const NEW_CONNECTIONS_PER_MINUTE_MAX = 30
export const MESSAGES_PER_MINUTE_MAX = 2_000
/** The venue documents 10 and refuses the 15th. */
export const USERS_MAX = 15
const MINUTE_MS = 60_000

interface OriginUse {
  connectionCount: number
  minute: number
  newConnections: number
  messages: number
  /** Accounts followed, with the number of subscriptions to each. */
  readonly users: Map<string, number>
}

export interface ConnectionLimits {
  readonly isEnforced: boolean
  readonly origins: Map<string, OriginUse>
}

export function createConnectionLimits(isEnforced: boolean): ConnectionLimits {
  return { isEnforced, origins: new Map() }
}

/** @returns false when this origin may not open another connection now */
export function takeConnection(limits: ConnectionLimits, origin: string, nowTsMs: number): boolean {
  if (!limits.isEnforced) return true
  const use = useOf(limits, origin, nowTsMs)
  if (use.connectionCount >= CONNECTIONS_MAX || use.newConnections >= NEW_CONNECTIONS_PER_MINUTE_MAX)
    return false
  use.connectionCount += 1
  use.newConnections += 1
  return true
}

export function releaseConnection(limits: ConnectionLimits, origin: string): void {
  const use = limits.origins.get(origin)
  if (use === undefined) return
  use.connectionCount -= 1
}

export function takeMessage(limits: ConnectionLimits, origin: string, nowTsMs: number): boolean {
  if (!limits.isEnforced) return true
  const use = useOf(limits, origin, nowTsMs)
  use.messages += 1
  return use.messages <= MESSAGES_PER_MINUTE_MAX
}

/** Counts a subscription of an account. @returns the venue's refusal when one account more cannot be followed from this origin */
export function followUser(limits: ConnectionLimits, origin: string, user: string | null): string | null {
  const use = limits.origins.get(origin)
  if (!limits.isEnforced || use === undefined || user === null) return null
  const count = use.users.get(user) ?? 0
  if (count === 0 && use.users.size + 1 >= USERS_MAX) {
    return `Cannot track more than ${USERS_MAX} total users.`
  }
  use.users.set(user, count + 1)
  return null
}

/** The reverse: one subscription of the account has ended. */
export function unfollowUser(limits: ConnectionLimits, origin: string, user: string | null): void {
  const users = limits.origins.get(origin)?.users
  const count = user === null ? undefined : users?.get(user)
  if (users === undefined || user === null || count === undefined) return
  if (count === 1) users.delete(user)
  else users.set(user, count - 1)
}

function useOf(limits: ConnectionLimits, origin: string, nowTsMs: number): OriginUse {
  const minute = Math.floor(nowTsMs / MINUTE_MS)
  const known = limits.origins.get(origin)
  if (known === undefined) {
    forgetIdle(limits, minute)
    const fresh: OriginUse = { connectionCount: 0, minute, newConnections: 0, messages: 0, users: new Map() }
    limits.origins.set(origin, fresh)
    return fresh
  }
  if (known.minute !== minute) {
    known.minute = minute
    known.newConnections = 0
    known.messages = 0
  }
  return known
}

function forgetIdle(limits: ConnectionLimits, minute: number): void {
  for (const [origin, use] of limits.origins) {
    if (use.connectionCount === 0 && use.minute !== minute) limits.origins.delete(origin)
  }
}
