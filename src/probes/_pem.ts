/** Certificates and keys in PEM: the content of files that options name. No message repeats any of it. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { secretText } from '../system/values.ts';

export function certificates() {
  return z.string().refine(isCertificate, 'holds no PEM certificate');
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}

/** One that needs no passphrase. */
export function privateKey() {
  return secretText().superRefine((text, { issues }) => {
    const message = keyFault(text);
    if (message !== null) issues.push({ code: 'custom', input: undefined, message });
  });
}

function keyFault(text: string): string | null {
  try {
    createPrivateKey(text);
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    return code === 'ERR_MISSING_PASSPHRASE'
      ? 'the key is encrypted: write it without a passphrase'
      : 'holds no PEM private key';
  }
}

/** Both must be PEM. */
export function isKeyOf(key: string, certificate: string): boolean {
  return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
}
