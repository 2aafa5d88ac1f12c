/**
 * The account that the maker trades with on the embedded exchange. Its key stands in public test vectors and in this file:
 * it holds play money on loopback and must never hold anything else.
 */

/** 0x0123…0123, the key of the venue's published signing examples. */
export const TEST_PRIVATE_KEY: string = `0x${'0123456789'.repeat(6)}0123`
