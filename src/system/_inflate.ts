/**
 * A body that came compressed although nobody asked for it, undone as far as anybody will look at
 * it: a bomb costs no more than any other body. What follows the limit is neither made nor checked.
 */
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { createInflateRaw, createZstdDecompress } from 'node:zlib';
import type { Transform } from 'node:stream';

export interface Inflated {
  readonly bytes: Buffer;
  /** There would have been more, as far as the compressed bytes go. */
  readonly isCut: boolean;
}

/** RFC 8878, 3.1.1.1.2: 8 MiB, so that nobody makes us set aside more. */
const ZSTD = { [constants.ZSTD_d_windowLogMax]: 23 };

function decoderOf(encoding: string, first: number, isWhole: boolean): Transform | null {
  // What was cut is undone up to there; what was not must come to its end.
  const finishFlush = isWhole ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip({ finishFlush });
    case 'deflate':
      // RFC 9110, 8.4.1.2: with the wrapping of zlib, which some leave out.
      return (first & 0x0f) === 8
        ? createInflate({ finishFlush })
        : createInflateRaw({ finishFlush });
    case 'br':
      return createBrotliDecompress(
        isWhole ? {} : { finishFlush: constants.BROTLI_OPERATION_FLUSH },
      );
    case 'zstd':
      return createZstdDecompress({
        params: ZSTD,
        ...(!isWhole && { finishFlush: constants.ZSTD_e_flush }),
      });
    default:
      return null;
  }
}

/** null: an encoding that is not known, more than one, or bytes that are not in it. Never rejects. */
export function inflate(
  compressed: Uint8Array,
  encoding: string,
  maxBytes: number,
  isWhole: boolean,
): Promise<Inflated | null> {
  const decoder = decoderOf(encoding.trim().toLowerCase(), compressed[0] ?? 0, isWhole);
  if (decoder === null) return Promise.resolve(null);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (isCut: boolean): void => {
      decoder.destroy();
      resolve({
        bytes: Buffer.concat(chunks).subarray(0, maxBytes),
        isCut: isCut || !isWhole,
      });
    };
    decoder.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) end(true);
    });
    decoder.on('end', () => {
      end(false);
    });
    decoder.on('error', () => {
      resolve(null);
    });
    decoder.end(compressed);
  });
}
