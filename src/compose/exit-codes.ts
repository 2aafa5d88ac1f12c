/** Exit codes of the program, the same for every command. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  /** Wrong flags or configuration. */
  usage: 2,
  /** A check before the start said no. */
  refused: 3,
  killed: 4,
  /** Replay or verification found a difference. */
  diverged: 5,
  interrupted: 130,
} as const
