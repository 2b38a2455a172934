/** Numbers from 0 up to, but not including, 1 that look like chance, and are the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    // each state is one step further; the rest stirs its bits, so that neighbouring seeds have nothing in common
    let bits = state = (state + 0x9e3779b9) | 0;
    bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
    return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
  };
}
