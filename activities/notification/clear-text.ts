import { isLoopback } from 'sagaline';

/**
 * A mail server's password that would travel readable by others. STARTTLS is tried anyway, but whoever is in between can answer
 * that there is none: only `requireTLS` insists.
 */
export function readableMail({ SMTP_URL }: { readonly SMTP_URL?: string | undefined }): readonly string[] {
  const url = SMTP_URL === undefined ? undefined : new URL(SMTP_URL);
  if (!url || (url.username === '' && url.password === '') || isLoopback(url.hostname)) return [];
  const { searchParams: options } = url;
  if (options.get('tls.rejectUnauthorized') === 'false') {
    return ['SMTP_URL: its password would go to whoever answers; leave tls.rejectUnauthorized=false out'];
  }
  const insists = options.get('requireTLS') === 'true' && options.get('ignoreTLS') !== 'true';
  if (url.protocol === 'smtps:' || insists) return [];
  return ['SMTP_URL: its password would travel in clear text; use smtps:, or ?requireTLS=true where it is STARTTLS'];
}
