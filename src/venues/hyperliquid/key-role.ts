/** What a key is to an account: its owner, an API wallet that it has approved (until when), or nothing. */
import { ask, type Hex, type VenueInfo } from './info.ts'
import { listOf, recordOf } from './wire.ts'

export type KeyRole =
  | { readonly kind: 'owner' }
  /** Of a sub-account or vault of this owner. */
  | { readonly kind: 'master' }
  | { readonly kind: 'agent'; readonly validUntilTsMs: number | null }
  | { readonly kind: 'stranger'; readonly because: string }

/** @throws VenueError UNREACHABLE, MALFORMED_MESSAGE */
export async function keyRoleOf(info: VenueInfo, account: Hex, signer: Hex): Promise<KeyRole> {
  if (signer === account) return { kind: 'owner' }
  const owner = await ownerOf(info, account)
  if (signer === owner) return { kind: 'master' }
  const answer = recordOf(
    await ask(info, 'userRole', (client) => client.userRole({ user: signer })),
    'userRole',
  )
  if (answer['role'] !== 'agent') {
    return {
      kind: 'stranger',
      because: `the venue knows ${signer} as ${String(answer['role'])}, not as an API wallet`,
    }
  }
  const user = String(recordOf(answer['data'], 'userRole data')['user']).toLowerCase()
  if (user !== owner) return { kind: 'stranger', because: `${signer} is an API wallet of ${user}` }
  return { kind: 'agent', validUntilTsMs: await validUntil(info, owner, signer) }
}

/** The account itself, or who owns this sub-account. */
async function ownerOf(info: VenueInfo, account: Hex): Promise<string> {
  const answer = recordOf(
    await ask(info, 'userRole', (client) => client.userRole({ user: account })),
    'userRole',
  )
  if (answer['role'] !== 'subAccount') return account
  return String(recordOf(answer['data'], 'userRole data')['master']).toLowerCase()
}

/** Null when the venue does not list it: an unnamed API wallet has no entry of its own. */
async function validUntil(info: VenueInfo, owner: string, signer: Hex): Promise<number | null> {
  const user = owner as Hex // An address of the venue.
  const agents = listOf(
    await ask(info, 'extraAgents', (client) => client.extraAgents({ user })),
    'extraAgents',
  )
  for (const entry of agents) {
    const agent = recordOf(entry, 'agent')
    const until = agent['validUntil']
    if (String(agent['address']).toLowerCase() === signer && typeof until === 'number') return until
  }
  return null
}
