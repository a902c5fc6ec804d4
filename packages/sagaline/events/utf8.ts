const strict = new TextDecoder('utf-8', { fatal: true });

/** Decodes UTF-8, dropping a byte order mark; undefined when the bytes are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}
