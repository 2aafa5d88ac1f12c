/**
 * Who may act for whom: API wallets, sub-accounts, approved builders, referrers. The exchange knows accounts only;
 * this is the venue's book about keys, kept by the wire layer.
 *
 * state  bounded: named `...Max` per account
 */
import type { Address } from '../exchange/command.ts'

/** One unnamed wallet and three named ones to start with. */
export const NAMED_AGENTS_MAX = 3
export const AGENT_NAME_LENGTH_MAX = 16
/** After a swap, an account approves no wallet for so long: the venue does so for a few seconds. */
export const AGENT_REMOVAL_MS = 3_000
export const BUILDERS_MAX = 10
export const SUB_ACCOUNTS_MAX = 10

export interface Agent {
  readonly address: Address
  readonly master: Address
  /** '' for the unnamed one. */
  readonly name: string
  readonly validUntilMs: number | null
}

export interface SubAccount {
  readonly address: Address
  readonly master: Address
  name: string
}

export interface Registry {
  readonly agents: Map<Address, Agent>
  /** Master → until when a wallet of it is being removed. */
  readonly agentRemovals: Map<Address, number>
  readonly subAccounts: Map<Address, SubAccount>
  /** User → builder → tenths of a basis point. */
  readonly builderFees: Map<Address, Map<Address, number>>
  readonly referrers: Map<Address, string>
  /** Those who chose `disabled` by name; all others are on the default, which means the same. */
  readonly abstractionDisabled: Set<Address>
}

export function createRegistry(): Registry {
  return {
    agents: new Map(),
    agentRemovals: new Map(),
    subAccounts: new Map(),
    builderFees: new Map(),
    referrers: new Map(),
    abstractionDisabled: new Set(),
  }
}

/** @returns the wallet while it is valid, null when unknown or expired */
export function validAgent(registry: Registry, address: Address, nowTsMs: number): Agent | null {
  const agent = registry.agents.get(address)
  if (agent === undefined || (agent.validUntilMs !== null && agent.validUntilMs <= nowTsMs)) return null
  return agent
}

export function agentsOf(registry: Registry, master: Address, nowTsMs: number): Agent[] {
  return [...registry.agents.values()].filter(
    (agent) => agent.master === master && validAgent(registry, agent.address, nowTsMs) !== null,
  )
}

export function subAccountsOf(registry: Registry, master: Address): SubAccount[] {
  return [...registry.subAccounts.values()].filter((sub) => sub.master === master)
}

/**
 * Approves a wallet. The same name swaps the address; a fresh unnamed one replaces the old unnamed one.
 * @param name as signed: '' for unnamed; ` valid_until <ms>` may be appended
 * @returns the refusal of the venue, or null
 */
export function approveAgent(
  registry: Registry,
  request: {
    readonly master: Address
    readonly address: Address
    readonly name: string
    readonly nowTsMs: number
  },
): string | null {
  const { master, address, nowTsMs } = request
  const { name, validUntilMs } = splitName(request.name)
  if (name.length > AGENT_NAME_LENGTH_MAX)
    return `Agent name is longer than ${AGENT_NAME_LENGTH_MAX} characters.`
  const holder = registry.agents.get(address)
  if (holder !== undefined && (holder.master !== master || holder.name !== name))
    return 'Extra agent already used.'

  if (nowTsMs < (registry.agentRemovals.get(master) ?? -Infinity)) return 'User has pending agent removal'

  const others = agentsOf(registry, master, nowTsMs)
  const replaced = others.find((agent) => agent.name === name)
  const namedCount = others.filter((agent) => agent.name !== '' && agent.name !== name).length
  if (name !== '' && replaced === undefined && namedCount >= NAMED_AGENTS_MAX) {
    return `Too many extra agents for cumulative volume traded. Current limit is ${NAMED_AGENTS_MAX}`
  }
  if (replaced !== undefined && replaced.address !== address) {
    registry.agents.delete(replaced.address)
    registry.agentRemovals.set(master, nowTsMs + AGENT_REMOVAL_MS)
  }
  registry.agents.set(address, { address, master, name, validUntilMs })
  return null
}

/** @param tenthsOfBp 0 takes the approval back. @returns the refusal of the venue, or null */
export function approveBuilder(
  registry: Registry,
  request: { readonly user: Address; readonly builder: Address; readonly tenthsOfBp: number },
): string | null {
  const { user, builder, tenthsOfBp } = request
  const fees = registry.builderFees.get(user) ?? new Map<Address, number>()
  if (tenthsOfBp === 0) {
    fees.delete(builder)
    return null
  }
  if (!fees.has(builder) && fees.size >= BUILDERS_MAX)
    return `Too many approved builders. The limit is ${BUILDERS_MAX}.`
  fees.set(builder, tenthsOfBp)
  registry.builderFees.set(user, fees)
  return null
}

function splitName(text: string): { readonly name: string; readonly validUntilMs: number | null } {
  const match = /^(.*) valid_until (\d{1,15})$/.exec(text)
  if (match === null) return { name: text, validUntilMs: null }
  return { name: match[1] ?? '', validUntilMs: Number(match[2]) }
}
