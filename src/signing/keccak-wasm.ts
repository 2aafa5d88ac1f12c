/**
 * keccak-256 as a WebAssembly function that is put together here: its 64-bit lanes are machine words there and pairs of
 * halves in plain TypeScript, which is ten times as slow. An order hashes four blocks between arrival and answer.
 *
 * in     bytes of any length
 * out    32 fresh bytes
 * state  one page of memory: 25 lanes, the 24 round constants, blocks of input
 * source https://keccak.team/keccak_specs_summary.html (padding 0x01, as in Ethereum, not that of SHA-3)
 */
import { assert } from '../core/assert.ts'
import { KECCAK_ROUNDS, RATE_BYTES, RHO_OFFSETS, ROUND_CONSTANTS } from './keccak-tables.ts'

const LANES = 25
const CONSTANTS_AT = 256
const CONSTANTS_END: number = CONSTANTS_AT + KECCAK_ROUNDS * 8
const INPUT_AT = 512
const PAGE_BYTES = 65_536
/** Whole blocks that fit into the page behind the tables; longer input goes in several calls. */
const INPUT_BYTES_MAX: number = Math.floor((PAGE_BYTES - INPUT_AT) / RATE_BYTES) * RATE_BYTES
const DIGEST_BYTES = 32

/** Opcodes and types of the WebAssembly core specification, those that are used. */
const OP = {
  loop: 0x03,
  end: 0x0b,
  branchIf: 0x0d,
  get: 0x20,
  set: 0x21,
  load64: 0x29,
  store64: 0x37,
  const32: 0x41,
  const64: 0x42,
  less32: 0x49,
  add32: 0x6a,
  and64: 0x83,
  xor64: 0x85,
  rotateLeft64: 0x89,
} as const
const TYPE = { i32: 0x7f, i64: 0x7e, func: 0x60, nothing: 0x40 } as const
/** Memory access: addresses of lanes are multiples of 2^3. */
const ALIGN_8 = 3

/** Locals of the function: two parameters, then lanes before and after rho and pi, column parities, the round's constant. */
const INPUT = 0
const INPUT_END = 1
const A = 2
const B: number = A + LANES
const C: number = B + LANES
const D: number = C + 5
const CONSTANT: number = D + 5

/** What the platform offers; the types of Node leave it out. */
interface Wasm {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => {
    readonly exports: {
      readonly memory: { readonly buffer: ArrayBuffer }
      readonly absorb: (inputAt: number, inputEnd: number) => void
    }
  }
}

/** @throws Error where the platform has no WebAssembly, or does not take the module */
export function loadKeccakWasm(): (bytes: Uint8Array) => Uint8Array {
  const wasm = (globalThis as { readonly WebAssembly?: Wasm }).WebAssembly
  if (wasm === undefined) throw new Error('there is no WebAssembly here')
  const { memory, absorb } = new wasm.Instance(new wasm.Module(Uint8Array.from(moduleBytes()))).exports
  const page = new Uint8Array(memory.buffer)
  new BigUint64Array(memory.buffer, CONSTANTS_AT, KECCAK_ROUNDS).set(ROUND_CONSTANTS)
  return (bytes) => {
    page.fill(0, 0, LANES * 8)
    let from = 0
    while (bytes.length - from >= INPUT_BYTES_MAX) {
      page.set(bytes.subarray(from, from + INPUT_BYTES_MAX), INPUT_AT)
      absorb(INPUT_AT, INPUT_AT + INPUT_BYTES_MAX)
      from += INPUT_BYTES_MAX
    }
    const restEnd = INPUT_AT + bytes.length - from
    const paddedEnd = INPUT_AT + (Math.floor((bytes.length - from) / RATE_BYTES) + 1) * RATE_BYTES
    assert(paddedEnd <= PAGE_BYTES, 'the last blocks fit into the page')
    page.set(from === 0 ? bytes : bytes.subarray(from), INPUT_AT)
    page.fill(0, restEnd, paddedEnd)
    page[restEnd] = 0x01
    page[paddedEnd - 1] = (page[paddedEnd - 1] ?? 0) | 0x80
    absorb(INPUT_AT, paddedEnd)
    return page.slice(0, DIGEST_BYTES)
  }
}

/** `absorb(inputAt, inputEnd)`: every block from one address to the other into the lanes at address 0. */
function moduleBytes(): number[] {
  const locals = [2, ...unsigned(CONSTANT - A), TYPE.i64, 1, TYPE.i32]
  const body = [...locals, ...absorbCode()]
  return [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, TYPE.func, 2, TYPE.i32, TYPE.i32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...text('memory'), 2, 0, ...text('absorb'), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]
}

function absorbCode(): number[] {
  const rate = RATE_BYTES / 8
  return [
    ...each(LANES, (lane) => [OP.const32, 0, ...load(lane * 8), ...set(A + lane)]),
    ...[OP.loop, TYPE.nothing],
    ...each(rate, (lane) => [...get(A + lane), ...get(INPUT), ...load(lane * 8), OP.xor64, ...set(A + lane)]),
    ...[OP.const32, ...signed(CONSTANTS_AT), ...set(CONSTANT)],
    ...[OP.loop, TYPE.nothing, ...roundCode()],
    ...[...get(CONSTANT), OP.const32, 8, OP.add32, ...set(CONSTANT)],
    ...[...get(CONSTANT), OP.const32, ...signed(CONSTANTS_END), OP.less32, OP.branchIf, 0, OP.end],
    ...[...get(INPUT), OP.const32, ...signed(RATE_BYTES), OP.add32, ...set(INPUT)],
    ...[...get(INPUT), ...get(INPUT_END), OP.less32, OP.branchIf, 0, OP.end],
    ...each(LANES, (lane) => [OP.const32, 0, ...get(A + lane), ...store(lane * 8)]),
    OP.end,
  ]
}

/** theta, rho and pi, chi, iota; a lane at column x and row y has the number x + 5y. */
function roundCode(): number[] {
  const column = (x: number): number[] => [
    ...get(A + x),
    ...each(4, (row) => [...get(A + x + 5 * (row + 1)), OP.xor64]),
    ...set(C + x),
  ]
  const spread = (x: number): number[] => [
    ...[...get(C + ((x + 4) % 5)), ...get(C + ((x + 1) % 5)), OP.const64, 1, OP.rotateLeft64, OP.xor64],
    ...set(D + x),
  ]
  const move = (lane: number): number[] => {
    const x = lane % 5
    const y = (lane - x) / 5
    const offset = RHO_OFFSETS[lane] ?? 0
    const turned = [...get(A + lane), ...get(D + x), OP.xor64, OP.const64, ...signed(offset), OP.rotateLeft64]
    return [...turned, ...set(B + y + 5 * ((2 * x + 3 * y) % 5))]
  }
  const mix = (lane: number): number[] => {
    const row = lane - (lane % 5)
    const next = B + row + ((lane + 1) % 5)
    const afterNext = B + row + ((lane + 2) % 5)
    const masked = [...get(next), OP.const64, ...signed(-1), OP.xor64, ...get(afterNext), OP.and64]
    return [...get(B + lane), ...masked, OP.xor64, ...set(A + lane)]
  }
  const iota = [...get(A), ...get(CONSTANT), ...load(0), OP.xor64, ...set(A)]
  return [...each(5, column), ...each(5, spread), ...each(LANES, move), ...each(LANES, mix), ...iota]
}

function each(count: number, code: (index: number) => readonly number[]): number[] {
  return Array.from({ length: count }, (_, index) => code(index)).flat()
}

function get(local: number): number[] {
  return [OP.get, ...unsigned(local)]
}

function set(local: number): number[] {
  return [OP.set, ...unsigned(local)]
}

function load(address: number): number[] {
  return [OP.load64, ALIGN_8, ...unsigned(address)]
}

function store(address: number): number[] {
  return [OP.store64, ALIGN_8, ...unsigned(address)]
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content]
}

function text(name: string): number[] {
  return [name.length, ...new TextEncoder().encode(name)]
}

/** LEB128: seven bits a byte, the lowest first. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

/** Signed LEB128: the highest bit of the last seven is the sign. */
function signed(value: number): number[] {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)]
}
