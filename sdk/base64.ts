/** A multiple of three, so that the pieces can be joined; few enough for one call with that many arguments. */
const PIECE_BYTES = 8190;
/** A multiple of four. */
const PIECE_CHARACTERS = 65_536;

export function toBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) pieces.push(btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE_BYTES))));
  return pieces.join('');
}

export function fromBase64(text: string): Uint8Array {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let to = 0;
  for (let at = 0; at < text.length; at += PIECE_CHARACTERS) {
    const piece = atob(text.slice(at, at + PIECE_CHARACTERS));
    for (let index = 0; index < piece.length; index++) bytes[to++] = piece.charCodeAt(index);
  }
  return bytes;
}
